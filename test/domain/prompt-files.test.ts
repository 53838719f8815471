import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { loadConfig } from '../../src/config.ts';
import {
  type AnswerSchema,
  answerCheck,
  faultsOfSchema,
  PROMPT_NAMES,
  type PromptName,
  withCount,
} from '../../src/domain/prompt-files.ts';

const dir = path.join(loadConfig({}).configDir, 'prompts');
const schemaOf = (name: PromptName): AnswerSchema =>
  JSON.parse(readFileSync(path.join(dir, `${name}.schema.json`), 'utf8')) as AnswerSchema;

const SCENE = { narration: '旁白', image_prompt: '画面', on_screen_text: null };
const STORYBOARD = { title: '题', language: 'zh', subject: '主体', look: '色调', scenes: [SCENE, SCENE] };

/** Answers right and wrong in every way the file speaks of. */
const ANSWERS: Record<PromptName, unknown[]> = {
  storyboard: [
    STORYBOARD,
    { ...STORYBOARD, scenes: [SCENE] },
    { ...STORYBOARD, scenes: [SCENE, SCENE, SCENE] },
    { ...STORYBOARD, subject: '' },
    { ...STORYBOARD, subject: '主'.repeat(200) },
    { ...STORYBOARD, subject: '主'.repeat(201) },
    { ...STORYBOARD, look: undefined },
    { ...STORYBOARD, mood: 'warm' },
    { ...STORYBOARD, scenes: [SCENE, { ...SCENE, on_screen_text: '三步' }] },
    { ...STORYBOARD, scenes: [SCENE, { ...SCENE, on_screen_text: 3 }] },
    { ...STORYBOARD, scenes: [SCENE, { ...SCENE, on_screen_text: '字'.repeat(61) }] },
    { ...STORYBOARD, scenes: [SCENE, { ...SCENE, narration: 7 }] },
    { ...STORYBOARD, scenes: [SCENE, { ...SCENE, seconds: 5 }] },
    { ...STORYBOARD, scenes: [SCENE, { narration: '旁白', image_prompt: '画面' }] },
    [STORYBOARD],
    null,
  ],
  critique: [
    { corrections: [] },
    { corrections: [{ scene: 1, narration: null, image_prompt: '猫', reason: 'r' }] },
    { corrections: [{ scene: 0, narration: null, image_prompt: '猫', reason: 'r' }] },
    { corrections: [{ scene: 1.5, narration: null, image_prompt: '猫', reason: 'r' }] },
    { corrections: [{ scene: 1, narration: null, reason: 'r' }] },
    {},
  ],
  rewrite: [
    {
      lines: [
        { scene: 's1', text: '短' },
        { scene: 's2', text: '短' },
      ],
    },
    {
      lines: [
        { scene: 's1', text: '' },
        { scene: 's2', text: '短' },
      ],
    },
    { lines: [{ scene: 's1', text: '短' }] },
    { lines: 's1' },
  ],
  picture_prompt: [
    { image_prompt: '一只猫' },
    { image_prompt: '' },
    { image_prompt: '猫'.repeat(601) },
    { image_prompt: null },
    { image_prompt: '猫', reason: 'r' },
    {},
  ],
};
const LISTS: Partial<Record<PromptName, string>> = {
  ...{ storyboard: 'scenes', critique: 'corrections', rewrite: 'lines' },
};

describe('the prompt files that come with the product', () => {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });

  for (const name of PROMPT_NAMES) {
    it(`${name}: the file and our check take the same answers`, () => {
      const list = LISTS[name];
      const count = { least: name === 'critique' ? 0 : 2, most: 2 };
      const schema = list === undefined ? schemaOf(name) : withCount(schemaOf(name), list, count);
      const [check, byTheFile] = [answerCheck(schema), ajv.compile(schema)];
      const verdicts = ANSWERS[name].map((answer) => {
        const json: unknown = JSON.parse(JSON.stringify(answer));
        const taken = check.safeParse(json).success;
        assert.equal(taken, byTheFile(json), JSON.stringify(json));
        return taken;
      });
      assert.ok(verdicts.includes(true) && verdicts.includes(false));
    });

    it(`${name}: is strict, as the provider's structured output wants it`, () => {
      const visit = (schema: AnswerSchema): void => {
        if (schema.type === 'object') {
          const properties = schema.properties as Record<string, AnswerSchema>;
          assert.equal(schema.additionalProperties, false);
          assert.deepEqual(schema.required, Object.keys(properties));
          Object.values(properties).forEach(visit);
        }
        if (schema.type === 'array') visit(schema.items as AnswerSchema);
      };
      visit(schemaOf(name));
    });
  }

  it('may be made stricter, and asked for more', () => {
    const schema = structuredClone(schemaOf('storyboard')) as { properties: { look: { maxLength: number } } };
    schema.properties.look.maxLength = 40;
    assert.equal(
      faultsOfSchema('storyboard', { ...schema, properties: { ...schema.properties, mood: { type: 'string' } } }),
      null,
    );
  });

  it('are refused when what the code reads is not asked for, or may be longer than it can hold', () => {
    const schema = schemaOf('storyboard') as { required: string[]; properties: Record<string, object> };
    const withProperty = (name: string, value: object) => ({
      ...schema,
      properties: { ...schema.properties, [name]: value },
    });
    for (const [broken, told] of [
      [
        { ...schema, required: ['title', 'language', 'look', 'scenes'] },
        /must name title, subject, look, scenes[^]*required/,
      ],
      [withProperty('subject', { type: 'string', maxLength: 4_000 }), /properties\.subject\.maxLength/],
      [withProperty('look', { type: 'string' }), /properties\.look\.maxLength/],
      [withProperty('title', { type: 'number' }), /properties\.title\.type/],
      [withProperty('scenes', { type: 'array' }), /properties\.scenes\.items/],
      [withProperty('mood', { type: 'feeling' }), /cannot? be checked|not a JSON Schema/],
      [[], /object/],
      ['', /object/],
    ] as const) {
      assert.match(faultsOfSchema('storyboard', broken) ?? 'it was taken', told);
    }
  });
});
