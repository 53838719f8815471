import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SqlPurchaseStore } from '../../src/ledger/sql-purchase-store.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from './until.ts';

const SMALL_FILM = { seconds: 10, width: 360, height: 640 };

describe('a worker killed with kill -9', () => {
  let under: StackUnderTest;
  let purchases: SqlPurchaseStore;
  before(async () => {
    under = await StackUnderTest.start();
    purchases = new SqlPurchaseStore({ database: under.database, note: () => {} });
  });
  after(() => under.stop());

  const order = (): Promise<string> => under.order({ duration: SMALL_FILM.seconds });

  /** Kills the worker as it stands; what it had started must die with it. Resolves to the calls whose answer it had not noted. */
  async function killWorker(id: string): Promise<number> {
    const { pid, restarts } = { pid: under.stack.pid('worker'), restarts: under.stack.restarts('worker') };
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    const open = (await purchases.list('local', id)).filter(({ state }) => state === 'intended').length;
    await until('another has taken its place', () => {
      return under.stack.restarts('worker') > restarts && under.stack.pid('worker') !== null;
    });
    return open;
  }

  for (const [branch, other, kind] of [
    ['audio', 'visual', 'speech'],
    ['visual', 'audio', 'image'],
  ] as const) {
    it(`in the ${branch} branch: only the call in flight is bought again, and it is written as such`, async () => {
      await under.sandbox.reset([{ route: kind, nth: 2, fault: { delayMs: 4000 } }]);
      const id = await order();
      await until('only one call is in flight', async () => {
        const { progress } = await under.video(id);
        const { [branch]: struck, [other]: whole } = progress?.branches ?? { audio: null, visual: null };
        return struck?.settled === 1 && whole?.settled === whole?.total;
      });
      const lost = await killWorker(id);
      assert.equal(lost, 1);
      const video = await under.finished(id);

      assert.equal(video.status, 'success', JSON.stringify(video.degradations));
      const purpose = kind === 'speech' ? 'narration' : 'still';
      const lines = video.cost.lines.filter((line) => line.purpose === purpose);
      assert.deepEqual(lines.map(({ attempt, state }) => `${attempt} ${state}`).sort(), [
        '1 bought',
        '1 unknown',
        '2 bought',
      ]);
      assert.equal((await under.sandbox.billed(kind)).length, 3);
      await assertHonestAccount(under, video.cost, { lost });
      await assertPlayable(under, video, SMALL_FILM);
      await assertAtRest(under, id, 'COMPLETED');
    });
  }

  it('while the script is in flight: the second purchase is the last', async () => {
    await under.sandbox.reset([{ route: 'chat', fault: { delayMs: 2500 } }]);
    const id = await order();
    await until('the script is in flight', async () => (await under.sandbox.arrived('chat')).length === 1);
    await killWorker(id);
    await until('it is asked for again', async () => (await under.sandbox.arrived('chat')).length === 2);
    await killWorker(id);
    const video = await under.ended(id);
    assert.equal(video.status, 'failed');
    assert.match(video.error.message, /not buying a third/);
    assert.deepEqual(
      video.cost?.lines.map(({ attempt, state }) => [attempt, state]),
      [
        [1, 'unknown'],
        [2, 'unknown'],
      ],
    );
    assert.equal((await under.sandbox.arrived('chat')).length, 2);
  });

  it('in the render: the film is made of what there is, and nothing is bought', async () => {
    await under.sandbox.reset();
    const id = await order();
    await until('ffmpeg works', () => under.ffmpegs().length > 0);
    const orphans = under.ffmpegs();
    const bought = (await under.sandbox.ledger()).lines.length;
    assert.equal(await killWorker(id), 0);
    assert.deepEqual(
      under.ffmpegs().filter((pid) => orphans.includes(pid)),
      [],
      'what it had started is gone before another takes its place',
    );
    const video = await under.finished(id);

    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.equal((await under.sandbox.ledger()).lines.length, bought);
    await assertHonestAccount(under, video.cost);
    await assertPlayable(under, video, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('at any instant: the run finishes by itself and the account stays honest', async () => {
    for (const instant of [1, 2, 3]) {
      await under.sandbox.reset();
      const id = await order();
      // An instant that differs from round to round, told by what has happened, not by a clock.
      await until(
        'so many calls have arrived',
        async () => (await under.sandbox.ledger()).arrived.length >= 2 * instant - 1,
      );
      const lost = await killWorker(id);
      const video = await under.finished(id);
      assert.equal(video.status, 'success', JSON.stringify(video.degradations));
      await assertHonestAccount(under, video.cost, { lost });
      await assertAtRest(under, id, 'COMPLETED');
    }
  });

  for (const [stage, route] of [
    ['script', 'chat'],
    ['assets', 'image'],
  ] as const) {
    it(`after a cancel, in the stage ${stage}: the video is cancelled, and nothing is bought once more`, async () => {
      await under.sandbox.reset([{ route, fault: { hang: true } }]);
      const id = await order();
      await until('the call is in flight', async () => (await under.sandbox.arrived(route)).length > 0);
      await until('the audio branch has settled', async () => {
        const audio = (await under.video(id)).progress?.branches.audio;
        return stage === 'script' || (audio != null && audio.settled === audio.total);
      });
      const asked = (await under.sandbox.ledger()).arrived.length;
      assert.equal((await under.request('DELETE', `/api/v1/videos/${id}`)).status, 202);
      await killWorker(id);
      assert.equal((await under.ended(id)).status, 'cancelled');
      assert.equal((await under.sandbox.ledger()).arrived.length, asked);
      await assertAtRest(under, id, 'CANCELLED');
    });
  }

  it('as one of two: the other branch does not notice', async () => {
    const split = await StackUnderTest.start({ WORKER_QUEUES: 'orchestration,audio_processing,render,capcut' });
    try {
      const visual = await split.program('src/workers/main.js', { WORKER_QUEUES: 'visual_processing,visual_waiting' });
      await split.sandbox.reset([{ route: 'image', fault: { delayMs: 1500 } }]);
      const id = await split.order();
      await until('a picture is in flight', async () => (await split.sandbox.arrived('image')).length > 0);
      process.kill(visual.pid, 'SIGKILL');
      await split.untilVideo(id, 'the audio branch is done', ({ progress }) => {
        const audio = progress?.branches.audio;
        return audio != null && audio.settled === audio.total;
      });
      await split.program('src/workers/main.js', { WORKER_QUEUES: 'visual_processing,visual_waiting' });
      const video = await split.finished(id);
      assert.equal(video.status, 'success', JSON.stringify(video.degradations));
      assert.ok(video.cost.lines.every(({ purpose, attempt }) => purpose === 'still' || attempt === 1));
      await assertHonestAccount(split, video.cost, { lost: 2 });
    } finally {
      await split.stop();
    }
  });
});

describe('workers that stand still', () => {
  it('are told apart from workers that are busy', async () => {
    const under = await StackUnderTest.start({
      WORKER_QUEUES: 'orchestration,audio_processing,visual_processing,capcut',
    });
    try {
      await under.sandbox.reset();
      const render = await under.program('src/workers/main.js', { WORKER_QUEUES: 'render' });
      const id = await under.order({ duration: 30, resolution: '720p' });
      await until('ffmpeg works', () => under.ffmpegs().length > 0);
      process.kill(under.stack.pid('worker') as number, 'SIGSTOP');
      const busy = await under.video(id);
      assert.deepEqual([busy.status, busy.stage, busy.waiting], ['running', 'compose', null]);
      process.kill(render.pid, 'SIGKILL');
      await under.untilVideo(id, 'waits for a worker', ({ waiting }) => waiting?.reason === 'no_worker');

      process.kill(under.stack.pid('worker') as number, 'SIGCONT');
      await under.program('src/workers/main.js', { WORKER_QUEUES: 'render' });
      assert.equal((await under.finished(id)).status, 'success');
    } finally {
      await under.stop();
    }
  });
});

describe('other programs killed with kill -9', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  it('the gateway: the run does not notice, and the next gateway knows it', async () => {
    await under.sandbox.reset();
    const id = await under.order();
    process.kill(under.stack.pid('gateway') as number, 'SIGKILL');
    await until('another gateway answers', () =>
      under.request('GET', '/health').then(
        (response) => response.ok,
        () => false,
      ),
    );
    assert.equal((await under.finished(id)).status, 'success');
  });

  it('the Temporal server: the run goes on when it is back, and nothing is bought twice', async () => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { delayMs: 2000 } }]);
    const id = await under.order();
    await until('a picture is in flight', async () => (await under.sandbox.arrived('image')).length > 0);
    process.kill(under.stack.pid('temporal') as number, 'SIGKILL');
    const during = await under.request('GET', `/api/v1/videos/${id}`);
    assert.ok([200, 503].includes(during.status), `${during.status}`);
    await until('the server is back', () =>
      under.request('GET', `/api/v1/videos/${id}`).then(
        (response) => response.ok,
        () => false,
      ),
    );
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    await assertHonestAccount(under, video.cost);
    assert.ok(video.cost.lines.every(({ attempt }) => attempt === 1));
    await assertAtRest(under, id, 'COMPLETED');
  });
});
