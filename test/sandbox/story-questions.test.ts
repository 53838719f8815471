import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { Ajv } from 'ajv';

import { countUnits } from '../../sandbox/story/narration.ts';
import { shorten } from '../../sandbox/story/shorten.ts';
import { useSandbox } from './harness.ts';

const schemaOf = (name: string): object =>
  JSON.parse(readFileSync(new URL(`../../config/prompts/${name}.schema.json`, import.meta.url), 'utf8')) as object;
const ajv = new Ajv({ strict: false });

describe('shortening', () => {
  it('gives whole clauses where some fit, and a proper end always', () => {
    assert.equal(
      shorten('清晨第一缕光落下来，街巷慢慢醒来，成都露出最温柔的一面。', 18, 'zh'),
      '街巷慢慢醒来，成都露出最温柔的一面。',
    );
    assert.equal(
      shorten('Watch the heat and the clock, never rush it, this is where bread comes alive.', 9, 'en'),
      'Watch the heat and the clock, never rush it.',
    );
  });

  it('is never longer than asked, down to one character or word', () => {
    for (const [line, language] of [
      ['你有没有想过，拿铁咖啡能给一天带来多少改变？', 'zh'],
      ['一整句没有任何停顿的话到底应该怎样才能变短呢', 'zh'],
      ['Everyone talks about black holes, but few people know this side of it.', 'en'],
    ] as const) {
      for (let most = 1; most < countUnits(line, language); most++) {
        const length = countUnits(shorten(line, most, language), language);
        assert.ok(length >= 1 && length <= most, `${length} for ${most}: ${shorten(line, most, language)}`);
      }
    }
  });
});

describe('questions about a storyboard', () => {
  const sandbox = useSandbox();

  const ask = async (name: string, said: string[]): Promise<unknown> => {
    const schema = schemaOf(name);
    const response = await sandbox.chat(said.join('\n'), {
      response_format: { type: 'json_schema', json_schema: { name, strict: true, schema } },
    });
    const body = (await response.json()) as { choices: { message: { content: string } }[] };
    const answer = JSON.parse(body.choices[0]?.message.content ?? '') as unknown;
    assert.ok(ajv.validate(schema, answer), ajv.errorsText());
    return answer;
  };

  it('gives every line back under its own name, shorter', async () => {
    const lines = [
      { scene: 's2', max_length: 10, text: '好味道从原料开始，新鲜看得见，面包的香气先从这里来。' },
      { scene: 's5', max_length: 8, text: '热气升起来，香味一下子散开，面包让整个房间都暖了。' },
    ];
    const said = ['REQUEST', 'theme: 面包', 'language: zh', 'LINES', ...lines.map((line) => JSON.stringify(line))];
    const answer = (await ask('rewrite', said)) as { lines: { scene: string; text: string }[] };
    assert.deepEqual(
      answer.lines.map(({ scene }) => scene),
      ['s2', 's5'],
    );
    for (const [index, { text }] of answer.lines.entries()) {
      assert.ok(countUnits(text, 'zh') <= lines[index]!.max_length, text);
    }
  });

  it('corrects a picture that shows nothing of the theme, and no other', async () => {
    const scenes = [
      { scene: 1, narration: '别急着划走。', image_prompt: '面包的特写' },
      { scene: 2, narration: '面包出炉了。', image_prompt: '一片空荡的海滩' },
    ];
    const said = [
      'REQUEST',
      'theme: 面包',
      'language: zh',
      'STORYBOARD',
      ...scenes.map((scene) => JSON.stringify(scene)),
    ];
    assert.deepEqual(await ask('critique', said), {
      corrections: [{ scene: 2, narration: null, image_prompt: '面包，一片空荡的海滩', reason: '画面里没有面包' }],
    });
    const fine = [...said.slice(0, 4), JSON.stringify(scenes[0])];
    assert.deepEqual(await ask('critique', fine), { corrections: [] });
  });

  it('fills the storyboard’s own schema: subject, look, and text on screen in some scenes', async () => {
    const answer = (await ask('storyboard', [
      'REQUEST',
      'theme: 面包',
      'duration_seconds: 30',
      'scenes: 6',
      'language: zh',
    ])) as {
      subject: string;
      look: string;
      scenes: { on_screen_text: string | null }[];
    };
    assert.match(answer.subject, /面包/);
    assert.notEqual(answer.look, '');
    const shown = answer.scenes.map((scene) => scene.on_screen_text);
    assert.ok(shown.includes(null) && shown.some((text) => text !== null), String(shown));
  });
});
