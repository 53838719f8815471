import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RENDER } from '../../src/domain/queues.ts';
import { until } from '../until.ts';
import { startWorkflows, type RunUnderTest, type Workflows } from './workflows-under-test.ts';

describe('encoding ahead', { concurrency: true }, () => {
  let workflows: Workflows;
  before(async () => void (workflows = await startWorkflows()));
  after(() => workflows.stop());

  const encoded = (run: RunUnderTest): string[] => run.batches().flatMap(({ scenes }) => scenes);
  const count = (run: RunUnderTest, name: string): number => run.calls().filter((call) => call === name).length;
  const assertInOrder = (run: RunUnderTest): void => {
    const [frozen, rendered] = ['freezeFilm', 'renderVideo'].map((name) => run.calls().indexOf(name));
    assert.ok(frozen! < rendered!, run.calls().join(' '));
    assert.equal(run.calls().lastIndexOf('encodeSegments') < rendered!, true, 'two encoders at once');
  };

  it('begins with what is there when the narration is measured, each scene once', async () => {
    const run = await workflows.start({ scenes: 4, stills: { s3: 'late' } }, ({ policy }) => {
      policy.sync.timeoutSeconds = 8;
    });
    await run.settled({ audio: 4, visual: 3 });
    await run.begun('encodeSegments');
    assert.equal((await run.result()).status, 'partial');
    assert.deepEqual(encoded(run).sort(), ['s1', 's2', 's4']);
    // The transition from s1 to s2 wants both pictures, whichever came last; s4 has none beside it.
    assert.ok(run.batches().some(({ pictures }) => pictures.includes('s1') && pictures.includes('s2')));
    assertInOrder(run);
  });

  it('waits for the narration: without it no cut is known', async () => {
    const run = await workflows.start({ narrations: { s1: 'late' } }, ({ policy }) => (policy.sync.timeoutSeconds = 8));
    assert.equal((await run.result()).status, 'partial');
    assert.deepEqual([count(run, 'freezeFilm'), run.batches()], [0, []]);
  });

  it('needs no narration where none is wanted', async () => {
    const run = await workflows.start({ stills: { s2: 'late' } }, ({ spec, policy }) => {
      spec.enableTts = false;
      policy.sync.timeoutSeconds = 8;
    });
    await run.result();
    assert.deepEqual(encoded(run), ['s1']);
    assertInOrder(run);
  });

  it('is an improvement only: the film is made without', async () => {
    const plans = [{ freezing: 'refused' }, { encoding: 'refused' }] as const;
    for (const plan of plans) {
      const run = await workflows.start(plan);
      assert.equal((await run.result()).status, 'success');
    }
  });

  it('ends with its run: cancelled, failed, or taken over by a deadline', async () => {
    const cancelled = await workflows.start({ stills: { s2: 'late' }, encoding: 'late' });
    await cancelled.begun('encodeSegments');
    await cancelled.handle.cancel();
    assert.equal(await cancelled.end(), 'CANCELLED');
    const { history } = await cancelled.handle.fetchHistory().then((events) => ({ history: JSON.stringify(events) }));
    assert.match(history, /activityTaskCanceledEventAttributes/, 'it was waited for');

    const failed = await workflows.start(
      { stills: { s1: 'refused', s2: 'refused' }, encoding: 'late' },
      ({ policy }) => {
        policy.sync.timeoutSeconds = 8;
      },
    );
    await assert.rejects(failed.result());
    assert.ok(!failed.calls().includes('renderVideo'));
  });
});

describe('encoding ahead, where nobody has a slot for it', () => {
  let workflows: Workflows;
  before(async () => void (workflows = await startWorkflows({ unserved: [RENDER] })));
  after(() => workflows.stop());

  it('is given up, so that the render waits for nothing of less weight', async () => {
    const run = await workflows.start({ stills: { s2: 'late' } }, ({ policy }) => (policy.sync.timeoutSeconds = 8));
    await until('the batch is given up, and the render asked for', async () => {
      const { events = [] } = await run.handle.fetchHistory();
      const names = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
      return names.includes('encodeSegments') && names.includes('renderVideo');
    });
    await workflows.serve(RENDER);
    assert.equal((await run.result()).status, 'partial');
    assert.deepEqual(run.batches(), []);
  });
});
