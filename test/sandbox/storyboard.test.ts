import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Ajv } from 'ajv';

import { countUnits } from '../../sandbox/story/narration.ts';
import { useSandbox } from './harness.ts';

const STORYBOARD = {
  type: 'object',
  additionalProperties: false,
  required: ['title', 'language', 'scenes'],
  properties: {
    title: { type: 'string', maxLength: 60 },
    language: { type: 'string' },
    scenes: {
      type: 'array',
      minItems: 1,
      maxItems: 12,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['narration', 'image_prompt', 'mood'],
        properties: {
          narration: { type: 'string', minLength: 1, maxLength: 400 },
          image_prompt: { type: 'string', minLength: 1, maxLength: 800 },
          mood: { type: 'string' },
        },
      },
    },
  },
};

interface Storyboard {
  title: string;
  language: string;
  scenes: { narration: string; image_prompt: string; mood: string }[];
}

const THEMES = [
  { theme: '介绍我们的新款智能手表', language: 'zh', nouns: ['智能手表'], length: 24 },
  { theme: '如何在家做一杯好喝的拿铁咖啡', language: 'zh', nouns: ['拿铁咖啡'], length: 20 },
  { theme: '讲述一只流浪猫的故事', language: 'zh', nouns: ['流浪猫'], length: 18 },
  { theme: '成都三天美食之旅', language: 'zh', nouns: ['成都', '美食'], length: 26 },
  { theme: '宣传我们公司的AI客服软件', language: 'zh', nouns: ['AI客服软件'], length: 24 },
  { theme: 'Introduce our new smart watch', language: 'en', nouns: ['smart watch'], length: 14 },
  { theme: 'How to brew better coffee at home', language: 'en', nouns: ['coffee'], length: 16 },
  { theme: 'The history of the Silk Road', language: 'en', nouns: ['Silk Road'], length: 16 },
  { theme: 'A cat who travels to the moon', language: 'en', nouns: ['cat', 'moon'], length: 18 },
] as const;

const ajv = new Ajv({ strict: false });

describe('storyboards', () => {
  const sandbox = useSandbox();

  const ask = async (schema: object, lines: string) => {
    const response_format = { type: 'json_schema', json_schema: { name: 'storyboard', strict: true, schema } };
    const response = await sandbox.chat(lines, { response_format });
    const body = (await response.json()) as { choices: { message: { content: string } }[] };
    return JSON.parse(body.choices[0]?.message.content ?? '') as unknown;
  };

  const brief = (theme: string, length: number) =>
    `theme: ${theme}\nduration_seconds: 20\nscenes: 4\nlanguage: auto\nnarration_length: ${length}\nstyle: 温暖\naspect_ratio: 9:16`;

  for (const { theme, language, nouns, length } of THEMES) {
    it(`is valid and about its theme: ${theme}`, async () => {
      const answer = await ask(STORYBOARD, brief(theme, length));
      assert.ok(ajv.validate(STORYBOARD, answer), ajv.errorsText());
      const story = answer as Storyboard;
      assert.equal(story.language, language);
      assert.equal(story.scenes.length, 4);
      const narration = story.scenes.map((scene) => scene.narration);
      for (const noun of nouns) assert.ok(narration.join(' ').includes(noun), `${noun} in ${narration.join(' | ')}`);
      assert.ok(narration.filter((line) => line.includes(nouns[0])).length >= 2);
      assert.equal(new Set(narration).size, 4);
      for (const line of narration) {
        assert.equal(/\p{Script=Han}/u.test(line), language === 'zh', line);
        const units = countUnits(line, language);
        assert.ok(units >= length * 0.5 && units <= length * 1.5, `${units} for ${length}: ${line}`);
      }
      for (const scene of story.scenes) assert.match(scene.image_prompt, new RegExp(nouns[0], 'i'));
    });
  }

  it('is the same for the same theme and different for another', async () => {
    const [one, again, other] = await Promise.all([
      ask(STORYBOARD, brief('新款智能手表', 20)),
      ask(STORYBOARD, brief('新款智能手表', 20)),
      ask(STORYBOARD, brief('新款折叠手机', 20)),
    ]);
    assert.deepEqual(one, again);
    assert.notDeepEqual(one, other);
  });

  it('follows a schema with other names, references, choices and limits', async () => {
    const schema = {
      type: 'object',
      required: ['headline', 'locale', 'kind', 'parts', 'tags', 'note'],
      additionalProperties: false,
      properties: {
        headline: { type: 'string', maxLength: 5 },
        locale: { enum: ['en', 'zh'] },
        kind: { const: 'short' },
        tags: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'string', maxLength: 8 } },
        note: { anyOf: [{ type: 'string', minLength: 30 }, { type: 'null' }] },
        parts: { type: 'array', minItems: 6, maxItems: 6, items: { $ref: '#/$defs/part' } },
      },
      $defs: {
        part: {
          type: 'object',
          required: ['number', 'voiceover', 'seconds', 'loud'],
          additionalProperties: false,
          properties: {
            number: { type: 'integer', minimum: 1 },
            voiceover: { type: ['string', 'null'] },
            seconds: { type: 'number', exclusiveMinimum: 0, maximum: 4 },
            loud: { type: 'boolean' },
          },
        },
      },
    };
    const answer = await ask(schema, brief('海边的日出', 20));
    assert.ok(ajv.validate(schema, answer), ajv.errorsText());
    assert.equal((answer as { locale: string }).locale, 'zh');
  });

  it('does with a message that has no labels', async () => {
    const answer = (await ask(STORYBOARD, '做一个关于敦煌壁画的短视频')) as Storyboard;
    assert.ok(answer.scenes.some((scene) => scene.narration.includes('敦煌壁画')));
  });
});
