import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

describe('one of several workers', () => {
  it('is killed with kill -9: the branches of the others do not notice', async () => {
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

  it('stands still: it is told apart from one that is busy', async () => {
    const under = await StackUnderTest.start({
      WORKER_QUEUES: 'orchestration,audio_processing,visual_processing,capcut',
    });
    try {
      await under.sandbox.reset([{ route: 'image', fault: { delayMs: 300_000 } }]);
      const render = await under.program('src/workers/main.js', { WORKER_QUEUES: 'render' });
      const id = await under.order({ duration: 20, resolution: '720p' });
      // All pictures at once, so that nothing of them is encoded ahead: it is rendered for as long as it can be.
      const { progress } = await under.untilVideo(id, 'wants only its pictures', ({ progress: known }) => {
        const { audio, visual } = known?.branches ?? {};
        return audio != null && visual != null && audio.settled === audio.total;
      });
      const pictures = progress?.branches.visual?.total ?? 0;
      await until('all are asked for', async () => (await under.sandbox.arrived('image')).length >= pictures);
      await under.sandbox.release();
      await under.untilRendering(id);
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
    await under.gatewayAnswers();
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
