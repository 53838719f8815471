import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'drizzle-orm';
import { assertAtRest } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { type Extra, StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

const SMALL_FILM = { seconds: 5, width: 360, height: 640 };
/** Longer than what is not paid may take at a stop, as many a picture is. */
const SLOW_PICTURE_MS = 18_000;
const A_LONG_TIME_MS = 600_000;
/** Untouched for a minute, asked every half; then a busy machine. */
const REAPED_WITHIN_MS = 180_000;

describe('a worker told to stop', () => {
  it('ends what is short and hands over what is long: a rolling restart costs nobody anything', async () => {
    const under = await StackUnderTest.start();
    try {
      const second = await under.program('src/workers/main.js', {});
      await under.sandbox.reset([{ route: 'image', fault: { delayMs: SLOW_PICTURE_MS } }]);
      const ids = await Promise.all([1, 2].map(() => under.order()));

      await until('all pictures are in flight', async () => (await under.sandbox.arrived('image')).length === 4);
      assert.equal(await stopped(second), 0);
      const third = await under.program('src/workers/main.js', {});

      await under.sandbox.faults([]);
      ids.push(await under.order({ duration: 10, resolution: '720p' }));
      await until('ffmpeg works', () => under.ffmpegs().length > 0);
      const { pid, restarts } = { pid: under.stack.pid('worker') as number, restarts: under.stack.restarts('worker') };
      process.kill(pid, 'SIGTERM');
      process.kill(pid, 'SIGTERM');
      await until('another has taken its place', () => under.stack.restarts('worker') > restarts);

      for (const id of ids) {
        const video = await under.finished(id);
        assert.equal(video.status, 'success', JSON.stringify(video.degradations));
        assert.ok(video.cost.lines.every(({ attempt, state }) => attempt === 1 && state === 'bought'));
        assert.deepEqual(await cutOff(under, id), []);
      }
      assert.equal(await stopped(third), 0);
      const { lines } = await under.sandbox.ledger();
      const told = await Promise.all(ids.map(async (id) => (await under.finished(id)).cost.lines.length));
      assert.equal(
        lines.length,
        told.reduce((sum, count) => sum + count),
        'what was billed is what the accounts say',
      );
    } finally {
      await under.stop();
    }
  });

  it('in the middle of a render is gone at once, and the next one goes on with the pieces', async () => {
    const under = await StackUnderTest.start({
      WORKER_QUEUES: 'orchestration,audio_processing,visual_processing,capcut',
    });
    try {
      const first = await under.program('src/workers/main.js', { WORKER_QUEUES: 'render' });
      const id = await under.order({ duration: 20, resolution: '720p' });
      await under.untilRendering(id);
      const bought = (await under.sandbox.ledger()).lines.length;
      assert.equal(await stopped(first), 0);
      assert.deepEqual(under.ffmpegs('work'), []);
      await under.untilVideo(id, 'says that it waits for a worker', ({ waiting }) => waiting?.reason === 'no_worker');

      await under.program('src/workers/main.js', { WORKER_QUEUES: 'render' });
      const video = await under.finished(id);
      assert.equal(video.status, 'success', JSON.stringify(video.degradations));
      assert.equal((await under.sandbox.ledger()).lines.length, bought);
      await assertAtRest(under, id, 'COMPLETED');
    } finally {
      await under.stop();
    }
  });
});

describe('a worker told to stop while a picture is made', () => {
  let under: StackUnderTest;
  before(async () => {
    under = await StackUnderTest.start({ WORKER_QUEUES: 'orchestration,audio_processing,capcut,render' });
  });
  after(() => under.stop());

  const ordered = async (delayMs: number) => {
    await under.sandbox.reset([{ route: 'image', fault: { delayMs } }]);
    const id = await under.order();
    await until('its pictures are in flight', async () => (await under.sandbox.arrived('image')).length === 2);
    return id;
  };
  const painter = (environment: Record<string, string> = {}) =>
    under.program('src/workers/main.js', { WORKER_QUEUES: 'visual_processing,visual_waiting', ...environment });

  it('that nobody wants any more writes down what it has cost', async () => {
    const worker = await painter();
    const id = await ordered(SLOW_PICTURE_MS);
    await under.request('DELETE', `/api/v1/videos/${id}`);
    assert.equal((await under.ended(id)).status, 'cancelled');
    assert.equal(await stopped(worker), 0);
    const { rows } = await under.database.run((query) =>
      query.execute(sql`select state from purchases where video_id = ${id} and purpose = 'still'`),
    );
    assert.deepEqual(rows, [{ state: 'answered' }, { state: 'answered' }]);
  });

  it('waits for as long as it may, and no longer', async () => {
    const worker = await painter({ WORKER_STOP_SECONDS: '1' });
    const id = await ordered(A_LONG_TIME_MS);
    assert.equal(await stopped(worker), 1);
    await under.request('DELETE', `/api/v1/videos/${id}`);
    await under.sandbox.release();
  });
});

describe('a worker that stood still in a render', () => {
  it('and wakes up when another has made the film changes nothing of it, and works on', async () => {
    const under = await StackUnderTest.start({
      WORKER_QUEUES: 'orchestration,audio_processing,visual_processing,capcut',
    });
    try {
      const sleeper = await under.program('src/workers/main.js', { WORKER_QUEUES: 'render' });
      const id = await under.order();
      await until('ffmpeg works', () => under.ffmpegs().length > 0);
      process.kill(sleeper.pid, 'SIGSTOP');
      const other = await under.program('src/workers/main.js', { WORKER_QUEUES: 'render' });
      const video = await under.finished(id);
      assert.equal(video.status, 'success', JSON.stringify(video.degradations));
      const film = await under.download(video.video_url);

      process.kill(sleeper.pid, 'SIGCONT');
      await other.stop();
      // By its next film, what it was at before is behind it.
      const next = await under.finished(await under.order());
      assert.equal(next.status, 'success');
      assert.deepEqual(await under.video(id), video);
      assert.deepEqual(await under.download(video.video_url), film);
      await assertPlayable(under, video, SMALL_FILM);
      // A task that was given to the sleeper begins when it wakes: what that leaves, the reaper takes.
      await assertAtRest(under, id, 'COMPLETED', { tidyWithinMs: REAPED_WITHIN_MS });
    } finally {
      await under.stop();
    }
  });
});

/** Tells a worker to stop; resolves to its exit code. */
function stopped({ pid, exited }: Extra): Promise<number | null> {
  process.kill(pid, 'SIGTERM');
  return exited;
}

/**
 * Activities of a video, other than what encodes it, that a stop has cut off. A machine too busy for heartbeats is
 * another matter.
 */
async function cutOff({ client }: StackUnderTest, id: string): Promise<string[]> {
  const lost: string[] = [];
  for (const suffix of ['', '/audio/1', '/visual/1']) {
    const { events } = await client.workflow.getHandle(`video-${id}${suffix}`).fetchHistory();
    const names = new Map(
      (events ?? []).map((event) => [
        String(event.eventId),
        event.activityTaskScheduledEventAttributes?.activityType?.name,
      ]),
    );
    for (const { activityTaskStartedEventAttributes: started } of events ?? []) {
      const name = names.get(String(started?.scheduledEventId));
      const why = started?.lastFailure?.message ?? '';
      if (name != null && !['encodeSegments', 'renderVideo'].includes(name) && /shutting down/.test(why))
        lost.push(`${name} ${started?.attempt}: ${why}`);
    }
  }
  return lost;
}
