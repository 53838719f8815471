import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { FaultRule } from '../../sandbox/faults.ts';
import type { StartedClip } from '../../src/activities/clip.ts';
import { canvasFor } from '../../src/domain/canvas.ts';
import { KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { newVideoId, TENANT, useWorkshop } from './workshop.ts';

type Fault = FaultRule['fault'];

/** The sandbox has no ffmpeg here: its tasks are brought to an end by the fault script, where they have to end. */
describe('buying a clip', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const workshop = useWorkshop(sandbox);
  beforeEach(() => sandbox.clear());

  const orderOf = (videoId: string) => ({
    ...{ videoId, tenant: TENANT, sceneId: 's1', prompt: '阳台上的番茄', maxCost: null, seconds: 3 },
    ...{ aspectRatio: '9:16' as const, canvas: canvasFor('9:16', '360p') },
  });
  const order = (videoId: string) => workshop.run(workshop.activities.startClip, orderOf(videoId));
  const wait = ({ kept: _, ...started }: StartedClip, withinMs = 20_000) =>
    workshop.run(workshop.activities.awaitClip, { ...started, untilMs: Date.now() + withinMs });
  const account = async (videoId: string) =>
    (await workshop.account(videoId)).lines.map(({ attempt, state }) => `${attempt} ${state}`);
  const ordered = async () => (await sandbox.ledger()).arrived.filter(({ route }) => route === 'video').length;
  const strike = (fault: Fault, route: FaultRule['route'] = 'video') => sandbox.faults([{ route, nth: 1, fault }]);

  for (const [what, fault] of [
    ['a limit, in the service’s own form', { code: 'QuotaExceeded' }],
    ['429 without that form', { status: 429 }],
    ['a wrong request', { code: 'InvalidParameter' }],
    ['refused words', { code: 'InputTextSensitiveContentDetected' }],
  ] satisfies [string, Fault][])
    it(`costs nothing after ${what}`, async () => {
      await strike(fault);
      const videoId = newVideoId();
      await assert.rejects(order(videoId));
      assert.deepEqual(await account(videoId), []);
      await order(videoId);
      assert.deepEqual(await account(videoId), ['1 bought']);
    });

  it('is done once more where the order was lost and no task is there, and never a third time', async () => {
    await sandbox.faults([{ route: 'video', fault: { noAnswer: 'before' } }]);
    const videoId = newVideoId();
    for (const _ of [1, 2]) await assert.rejects(order(videoId));
    const { type } = await workshop.failure(workshop.activities.startClip, orderOf(videoId));
    assert.deepEqual(
      [type, await account(videoId), await ordered()],
      ['outcome_unknown', ['1 unknown', '2 unknown'], 2],
    );
  });

  it('is not done again where the lost order’s task is there: its seed tells', async () => {
    for (const lost of [
      { noAnswer: 'after' },
      { cutAfterBytes: 3 },
      { garbage: true, billed: true },
    ] satisfies Fault[]) {
      await sandbox.clear();
      await strike({ ...lost, task: { stays: 'queued' } });
      const videoId = newVideoId();
      await assert.rejects(order(videoId));
      assert.deepEqual(await account(videoId), ['1 unknown']);
      const { taskId } = await order(videoId);
      assert.deepEqual([await account(videoId), await ordered()], [['1 bought'], 1]);
      assert.equal((await order(videoId)).taskId, taskId);
    }
  });

  it('waits until the list can be looked through: not looking is not knowing', async () => {
    await sandbox.faults([
      { route: 'video', nth: 1, fault: { noAnswer: 'after', task: { stays: 'queued' } } },
      { route: 'video_list', nth: 1, fault: { status: 503 } },
    ]);
    const videoId = newVideoId();
    for (const _ of [1, 2]) await assert.rejects(order(videoId));
    assert.equal(await ordered(), 1);
    await order(videoId);
    assert.deepEqual([await account(videoId), await ordered()], [['1 bought'], 1]);
  });

  it('costs nothing where the task failed, and may be tried again', async () => {
    for (const [fate, again, code] of [
      [{ ends: 'failed', code: 'InternalServiceError' }, true, 'temporary_failure'],
      [{ ends: 'failed', code: 'OutputVideoSensitiveContentDetected' }, false, 'content_rejected'],
      [{ ends: 'expired' }, true, 'clip_called_off'],
      [{ ends: 'cancelled' }, false, 'clip_called_off'],
    ] satisfies [NonNullable<Fault['task']>, boolean, string][]) {
      await strike({ task: fate });
      const videoId = newVideoId();
      const started = await order(videoId);
      const end = await wait(started);
      assert.ok(end.status === 'failed');
      assert.deepEqual([end.again, end.failure.code, await account(videoId)], [again, code, []]);
      assert.notEqual((await order(videoId)).taskId, started.taskId);
      assert.deepEqual(await account(videoId), ['1 bought']);
    }
  });

  it('is given up in time: what stands in line is called off, what runs stays in the account', async () => {
    for (const [stays, lines] of [
      ['queued', []],
      ['running', ['1 bought']],
    ] as const) {
      await strike({ task: { stays, queuedMs: 0 } });
      const videoId = newVideoId();
      const end = await wait(await order(videoId), 300);
      assert.ok(end.status === 'failed' && end.failure.code === 'timeout' && !end.again);
      assert.deepEqual(await account(videoId), lines, stays);
    }
  });

  it('rides out a provider that cannot be asked for a while', async () => {
    await sandbox.faults([
      { route: 'video', fault: { task: { ends: 'failed', code: 'InvalidParameter.TaskTypeConstraint' } } },
      { route: 'video_task', count: 1, fault: { status: 502 } },
    ]);
    const end = await wait(await order(newVideoId()));
    assert.ok(end.status === 'failed' && end.failure.code === 'permanent' && !end.again);
  });
});
