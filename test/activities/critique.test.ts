import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { loadConfig } from '../../src/config.ts';
import { CHAT_MODEL, KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { newVideoId, specOf, TENANT, useWorkshop } from './workshop.ts';

describe('the critic', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const configDir = mkdtempSync(path.join(tmpdir(), 'critic-test-'));
  cpSync(loadConfig({}).configDir, configDir, { recursive: true });
  writeFileSync(path.join(configDir, 'storyboard_config.yaml'), 'storyboard:\n  critic: true\n');
  after(() => rmSync(configDir, { recursive: true, force: true }));
  const plain = useWorkshop(sandbox);
  const workshop = useWorkshop(sandbox, { CONFIG_DIR: configDir });

  beforeEach(() => sandbox.clear());

  const inputOf = (maxCost: number | null = null) => {
    return { videoId: newVideoId(), tenant: TENANT, spec: specOf({ maxCost }) };
  };
  const write = (input: ReturnType<typeof inputOf>) => workshop.run(workshop.activities.writeStoryboard, input);
  const purposes = async (videoId: string) =>
    (await workshop.account(videoId)).lines.map(({ purpose }) => purpose).sort();

  const answers = (content: unknown) => ({
    billed: true,
    body: {
      ...{ id: 'x', model: CHAT_MODEL, usage: { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 } },
      choices: [
        {
          ...{ index: 0, finish_reason: 'stop' },
          message: { role: 'assistant', content: typeof content === 'string' ? content : JSON.stringify(content) },
        },
      ],
    },
  });
  const correction = (change: object) => ({ scene: 2, narration: null, image_prompt: null, reason: '不合', ...change });

  it('is not asked unless the configuration says so', async () => {
    const input = inputOf();
    await plain.run(plain.activities.writeStoryboard, input);
    assert.deepEqual(
      (await plain.account(input.videoId)).lines.map(({ purpose }) => purpose),
      ['script'],
    );
  });

  it('is paid for under its own name, once, and finds nothing in a story that fits', async () => {
    const input = inputOf();
    const storyboard = await write(input);
    assert.deepEqual(await write(input), storyboard);
    assert.deepEqual(await purposes(input.videoId), ['script', 'script_critique']);
    const uncriticised = await plain.run(plain.activities.writeStoryboard, inputOf());
    assert.deepEqual(storyboard, uncriticised);
  });

  it('corrects words and pictures; subject, style and composition stay', async () => {
    await sandbox.faults([
      {
        route: 'chat',
        nth: 2,
        fault: answers({ corrections: [correction({ narration: '番茄要晒太阳。', image_prompt: '番茄苗在阳光下' })] }),
      },
    ]);
    const storyboard = await write(inputOf());
    const [, second, third] = storyboard.scenes;
    assert.equal(second?.narration, '番茄要晒太阳。');
    assert.match(second?.imagePrompt ?? '', /^番茄苗在阳光下。主体：/);
    const constant = (prompt = '') => prompt.slice(prompt.indexOf('。'));
    assert.equal(constant(second?.imagePrompt), constant(third?.imagePrompt));
  });

  const unusable: [what: string, corrections: object[]][] = [
    ['names no scene of the film', [correction({ scene: 9, narration: '番茄。' })]],
    ['would be too long to speak', [correction({ narration: '番茄'.repeat(100) })]],
    ['has nothing to speak', [correction({ narration: '……' })]],
    ['is in another language', [correction({ narration: 'Tomatoes love the sun' })]],
    ['changes nothing', [correction({})]],
  ];
  for (const [what, corrections] of unusable) {
    it(`is not followed where a correction ${what}`, async () => {
      const before = await plain.run(plain.activities.writeStoryboard, inputOf());
      await sandbox.clear();
      await sandbox.faults([{ route: 'chat', nth: 2, fault: answers({ corrections }) }]);
      assert.deepEqual(await write(inputOf()), before);
    });
  }

  for (const [what, fault] of [
    ['is busy', { status: 429 }],
    ['refuses', { code: 'SensitiveContentDetected' }],
    ['is not heard', { noAnswer: 'after' as const }],
    ['rambles', answers('I like it!')],
    ['answers in another form', answers({ verdict: 'fine' })],
  ] as const) {
    it(`that ${what} does not cost the film`, async () => {
      await sandbox.faults([{ route: 'chat', nth: 2, fault }]);
      const storyboard = await write(inputOf());
      assert.equal(storyboard.scenes.length, 3);
    });
  }

  it('is not asked when the budget is spent, and the storyboard stands', async () => {
    const scene = { narration: '番茄要晒太阳。', image_prompt: '阳台上的番茄', on_screen_text: null };
    const document = { title: '番茄', language: 'zh', subject: '红番茄', look: '暖色', scenes: [scene, scene, scene] };
    const { billed, body } = answers(document);
    const usage = { prompt_tokens: 1_000, completion_tokens: 8_000, total_tokens: 9_000 };
    await sandbox.faults([{ route: 'chat', nth: 1, fault: { billed, body: { ...body, usage } } }]);
    const input = inputOf(0.03);
    assert.equal((await write(input)).scenes.length, 3);
    assert.deepEqual(await purposes(input.videoId), ['script']);
  });
});
