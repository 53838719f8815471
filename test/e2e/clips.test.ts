import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FaultRule } from '../../sandbox/faults.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable, stillFrames } from './film-checks.ts';
import { killWorker } from './kill-worker.ts';
import { SMALL, StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

/** A film of two clips, as small as they come. */
const MOVING = { ai_asset_type: '文生视频' } as const;
const task = (nth: number, fate: NonNullable<FaultRule['fault']['task']>): FaultRule => ({
  ...{ route: 'video', nth, fault: { task: fate } },
});

describe('films of clips', () => {
  let under: StackUnderTest;
  before(async () => {
    under = await StackUnderTest.start(
      {},
      { parallel: ({ visual_branch: visual }) => (visual.clip_poll_seconds = 0.4) },
    );
  });
  after(() => under.stop());

  /** The provider's tasks of this test, the first ordered first. */
  async function tasks(): Promise<{ id: string; status: string }[]> {
    if ((await ordered()).length === 0) return [];
    const at = `${under.stack.urls.sandbox}/api/v3/contents/generations/tasks?page_size=${(await ordered()).length}`;
    const response = await fetch(at, { headers: { authorization: 'Bearer sandbox' } });
    return ((await response.json()) as { items: { id: string; status: string }[] }).items.reverse();
  }
  const ordered = () => under.sandbox.arrived('video');
  const clipLines = ({ cost }: { cost: { lines: { purpose: string; state: string; basis: string }[] } | null }) =>
    (cost?.lines ?? []).filter(({ purpose }) => purpose === 'clip').map(({ state, basis }) => `${state} ${basis}`);

  it('move, and stand still where nothing moves; what they cost is what the provider says', async () => {
    await under.sandbox.reset();
    const wish = { ...MOVING, duration: 13 };
    const estimate = await under.request('POST', '/api/v1/estimate', { body: { ...SMALL, ...wish } });
    const { data: reckoned } = (await estimate.json()) as { data: { at_most: number } };
    const id = await under.order(wish);
    const video = await under.finished(id);

    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.deepEqual(
      [(await under.sandbox.billed('video')).length, (await under.sandbox.billed('image')).length],
      [2, 1],
    );
    assert.deepEqual(clipLines(video), ['bought reported', 'bought reported']);
    assert.ok(video.cost.total <= reckoned.at_most, `${video.cost.total} of at most ${reckoned.at_most}`);
    const told = video.cost.lines.filter(({ purpose }) => purpose === 'clip').map(({ units }) => units['video_tokens']);
    const billed = (await under.sandbox.billed('video')).map(({ units }) => units);
    assert.deepEqual(told.sort(), billed.sort());
    const film = await assertPlayable(under, video, { seconds: 13, width: 360, height: 640 });
    assert.deepEqual(await stillFrames(under, film), [], 'nothing stands still for a third of a second');
    assert.deepEqual(
      video.quality?.scenes.map(({ picture_source: source }) => source),
      ['own', 'own', 'own'],
    );
    assert.ok(video.draft_url, 'a draft');
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('are bought once, whoever dies: an order whose answer is lost is found by its seed, and waited for', async () => {
    await under.sandbox.reset([
      // Taken, and never answered.
      { route: 'video', nth: 1, fault: { hang: true, billed: true, task: { runningMs: 4_000 } } },
      { route: 'video', nth: 2, fault: { noAnswer: 'after', task: { runningMs: 12_000 } } },
    ]);
    // Without a voice: what is lost of that is another test's matter.
    const id = await under.order({ ...MOVING, enable_tts: false });
    await until('both orders are taken', async () => (await ordered()).length === 2 && (await tasks()).length === 2);
    await killWorker(under, id);
    await until('a task is waited for', async () => (await under.sandbox.arrived('video_task')).length > 0);
    await killWorker(under, id);
    const video = await under.finished(id);

    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.equal((await ordered()).length, 2, 'nothing is ordered twice');
    assert.equal((await under.sandbox.billed('video')).length, 2);
    assert.deepEqual(clipLines(video), ['bought reported', 'bought reported']);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('have another try where a task failed, which costs nothing', async () => {
    await under.sandbox.reset([task(1, { ends: 'failed' }), task(2, { ends: 'expired' })]);
    const video = await under.finished(await under.order(MOVING));
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.deepEqual([(await ordered()).length, (await under.sandbox.billed('video')).length], [4, 2]);
    assert.deepEqual(clipLines(video), ['bought reported', 'bought reported']);
    await assertHonestAccount(under, video.cost);
  });

  it('say that they stand in line; a clip that does not come is called off, and its scene gets a still', async () => {
    const base = await under.gatewayWith({ parallel: ({ visual_branch: v }) => (v.clip_timeout_seconds = 6) });
    await under.sandbox.reset([task(1, { stays: 'queued' }), task(2, { stays: 'queued' })]);
    const id = await under.order(MOVING, { base });
    await under.untilVideo(id, 'waits for the provider', ({ waiting }) => waiting?.reason === 'provider_queued');
    const video = await under.finished(id);

    assert.equal(video.status, 'partial');
    assert.deepEqual(
      video.degradations.map(({ scene_id, what, why, replaced_by }) => [scene_id, what, why, replaced_by]),
      [
        ['s1', 'clip', 'timeout', 'still'],
        ['s2', 'clip', 'timeout', 'still'],
      ],
    );
    assert.deepEqual(
      (await tasks()).map(({ status }) => status),
      ['cancelled', 'cancelled'],
    );
    assert.deepEqual([clipLines(video), (await under.sandbox.billed('image')).length], [[], 2]);
    await assertHonestAccount(under, video.cost);
  });

  it('that are refused take the place of a picture that is: the neighbour’s', async () => {
    await under.sandbox.reset([task(1, { ends: 'failed', code: 'OutputVideoSensitiveContentDetected' })]);
    const video = await under.finished(await under.order(MOVING));
    assert.deepEqual(
      video.degradations.map(({ scene_id: scene, what, why }) => [scene, what, why]),
      [[video.degradations[0]?.scene_id, 'picture', 'content_rejected']],
    );
    assert.deepEqual([(await ordered()).length, (await under.sandbox.billed('image')).length], [2, 0]);
  });

  it('cancelled: what stands in line is called off, what runs is told as bought and unused', async () => {
    await under.sandbox.reset([task(1, { stays: 'queued' }), task(2, { stays: 'running' })]);
    const id = await under.order(MOVING);
    await until('one waits, one runs', async () => {
      const known = (await tasks()).map(({ status }) => status);
      return known.join() === 'queued,running' && (await under.sandbox.arrived('video_task')).length >= 2;
    });
    const asked = await under.request('DELETE', `/api/v1/videos/${id}`);
    assert.equal(asked.status, 202);
    const video = await under.ended(id, 60_000);

    assert.equal(video.status, 'cancelled');
    assert.deepEqual(
      (await tasks()).map(({ status }) => status),
      ['cancelled', 'running'],
    );
    assert.deepEqual(clipLines(video as { cost: NonNullable<typeof video.cost> }), ['unused estimated']);
    await assertAtRest(under, id, 'CANCELLED');
  });

  it('give way to stills where max_cost does not reach for all of them', async () => {
    await under.sandbox.reset();
    const video = await under.finished(await under.order({ ...MOVING, max_cost: 0.75 }));
    assert.deepEqual(
      video.degradations.map(({ what, why, replaced_by }) => [what, why, replaced_by]),
      [['clip', 'max_cost_reached', 'still']],
    );
    assert.deepEqual(
      [(await under.sandbox.billed('video')).length, (await under.sandbox.billed('image')).length],
      [1, 1],
    );
    assert.ok(video.cost.total <= 0.75);
  });
});
