import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { FaultRule } from '../../sandbox/faults.ts';
import { canvasFor } from '../../src/domain/canvas.ts';
import { DEFAULT_VOICE } from '../../src/domain/voice.ts';
import { KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { newVideoId, specOf, TENANT, useWorkshop } from './workshop.ts';

type Fault = FaultRule['fault'];

/**
 * What docs/money.md says of each kind of answer, through the real desk and over real sockets: `no` leaves no line and
 * costs no attempt, `unknown` leaves one at its estimate.
 */
const ANSWERS: [what: string, billed: 'no' | 'unknown', faults: Partial<Record<'chat' | 'image' | 'speech', Fault>>][] =
  [
    [
      'a limit, in the service’s own form',
      'no',
      {
        chat: { code: 'ModelAccountRpmRateLimitExceeded' },
        image: { code: 'ModelAccountIpmRateLimitExceeded' },
        speech: { code: 45000292 },
      },
    ],
    ['429 without that form', 'no', { chat: { status: 429 }, image: { status: 429 }, speech: { status: 429 } }],
    [
      'refused content',
      'no',
      { chat: { code: 'InputTextSensitiveContentDetected' }, image: { code: 'OutputImageSensitiveContentDetected' } },
    ],
    ['a wrong request', 'no', { chat: { code: 'InvalidParameter' }, image: { code: 'InvalidParameter' } }],
    ['a key that is refused', 'no', { image: { code: 'AuthenticationError' }, speech: { code: 45000010 } }],
    [
      'a fault of the service, in its own form',
      'no',
      { chat: { code: 'InternalServiceError' }, image: { code: 'InternalServiceError' }, speech: { code: 55000000 } },
    ],
    [
      '200 with an error inside',
      'no',
      { image: { status: 200, body: { error: { code: 'InternalServiceError', message: 'x' } } } },
    ],
    ['400 without that form', 'no', { chat: { status: 400 }, image: { status: 400 }, speech: { status: 400 } }],
    ['502 without that form', 'unknown', { chat: { status: 502 }, image: { status: 502 }, speech: { status: 502 } }],
    ['408 without that form', 'unknown', { chat: { status: 408 }, image: { status: 408 } }],
    ['nonsense with 200', 'unknown', { chat: { garbage: true }, image: { garbage: true }, speech: { garbage: true } }],
    ['200 without a picture', 'unknown', { image: { status: 200, body: { model: 'm', data: [] } } }],
    [
      'an answer that breaks off',
      'unknown',
      { chat: { cutAfterBytes: 20 }, image: { cutAfterBytes: 20 }, speech: { cutAfterBytes: 20 } },
    ],
    [
      'no answer, before the work',
      'unknown',
      { chat: { noAnswer: 'before' }, image: { noAnswer: 'before' }, speech: { noAnswer: 'before' } },
    ],
    [
      'no answer, after the bill',
      'unknown',
      { chat: { noAnswer: 'after' }, image: { noAnswer: 'after' }, speech: { noAnswer: 'after' } },
    ],
  ];

describe('whether an answer to a paid call is billed', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const workshop = useWorkshop(sandbox, { ARK_IMAGE_MODEL: 'doubao-seedream-3-0-t2i-250415' });
  beforeEach(() => sandbox.clear());

  /** One attempt at buying something of a kind. */
  const buy = {
    chat: (videoId: string) =>
      workshop.run(workshop.activities.writeStoryboard, {
        videoId,
        tenant: TENANT,
        spec: specOf({ durationSeconds: 5 }),
      }),
    image: (videoId: string) =>
      workshop.run(workshop.activities.generateStill, {
        ...{ videoId, tenant: TENANT, sceneId: 's1', prompt: '阳台上的番茄', maxCost: null },
        ...{ aspectRatio: '9:16' as const, canvas: canvasFor('9:16', '360p') },
      }),
    speech: (videoId: string) =>
      workshop.run(workshop.activities.synthesizeNarration, {
        ...{ videoId, tenant: TENANT, sceneId: 's1', text: '番茄红了。', voice: DEFAULT_VOICE, maxCost: null },
      }),
  };
  const account = async (videoId: string) =>
    (await workshop.account(videoId)).lines.map(({ attempt, state }) => `${attempt} ${state}`);

  for (const [what, billed, faults] of ANSWERS)
    for (const [route, fault] of Object.entries(faults) as ['chat' | 'image' | 'speech', Fault][])
      it(`${billed}: ${what} (${route})`, async () => {
        await sandbox.faults([{ route, nth: 1, fault }]);
        const videoId = newVideoId();
        await assert.rejects(buy[route](videoId));
        assert.deepEqual(await account(videoId), billed === 'no' ? [] : ['1 unknown']);
        await buy[route](videoId);
        assert.deepEqual(await account(videoId), billed === 'no' ? ['1 bought'] : ['1 unknown', '2 bought']);
        const made = (await workshop.billed(route)).length;
        assert.ok(made >= 1 && made <= (billed === 'no' ? 1 : 2), `${made} billed`);
        await buy[route](videoId);
        assert.equal((await workshop.billed(route)).length, made, 'what was answered is not bought again');
      });

  it('a prompt that is refused is rewritten by one chat call, and no more', async () => {
    const input = {
      ...{ videoId: newVideoId(), tenant: TENANT, sceneId: 's1', theme: '古堡', maxCost: null },
      prompt: '两位骑士在古堡前决斗。主体：古堡。构图：竖幅9:16。画面中不要出现文字。',
    };
    const first = await workshop.run(workshop.activities.rewritePicturePrompt, input);
    assert.ok(first !== null && !first.includes('决斗') && first.includes('主体：古堡。'), String(first));
    assert.equal(await workshop.run(workshop.activities.rewritePicturePrompt, input), first);
    assert.deepEqual(
      (await workshop.account(input.videoId)).lines.map(({ purpose, sceneId, state }) => [purpose, sceneId, state]),
      [['prompt_rewrite', 's1', 'bought']],
    );
  });

  it('a rewritten prompt that says nothing new, or nothing, is not used', async () => {
    const input = {
      videoId: '',
      tenant: TENANT,
      sceneId: 's1',
      theme: '古堡',
      maxCost: null,
      prompt: '古堡前的决斗。',
    };
    for (const content of [
      '{"image_prompt": "古堡前的决斗。"}',
      '{"image_prompt": "A castle at dawn"}',
      'no JSON',
      '{}',
    ]) {
      const message = { role: 'assistant', content };
      const body = { id: 'x', model: 'm', choices: [{ index: 0, finish_reason: 'stop', message }] };
      await sandbox.faults([{ route: 'chat', fault: { body, billed: true } }]);
      const videoId = newVideoId();
      assert.equal(await workshop.run(workshop.activities.rewritePicturePrompt, { ...input, videoId }), null, content);
    }
  });
});
