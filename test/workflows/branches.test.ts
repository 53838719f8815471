import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startWorkflows, type Workflows } from './workflows-under-test.ts';

describe('branches', { concurrency: true }, () => {
  let workflows: Workflows;
  before(async () => void (workflows = await startWorkflows()));
  after(() => workflows.stop());

  it('work on no more scenes at once than their width, and on all of them', async () => {
    const run = await workflows.start({ scenes: 7 }, ({ policy }) => (policy.visual.maxConcurrentTasks = 2));
    assert.equal((await run.result()).status, 'success');
    assert.equal(run.calls().filter((name) => name === 'generateStill').length, 7);
    assert.ok(run.mostStillsAtOnce() <= 2, `${run.mostStillsAtOnce()} at once`);
  });

  it('tell each scene as it settles, and why it is not there', async () => {
    const run = await workflows.start({ scenes: 3, stills: { s1: 'refused', s2: 'settles' } });
    await run.settled({ audio: 3, visual: 2 });
    const { stage, status, branches } = await run.progress();
    assert.deepEqual([stage, status], ['assets', 'running']);
    assert.deepEqual(branches.visual, {
      settled: 2,
      total: 3,
      scenes: [
        { sceneId: 's1', state: 'failed', why: 'content_rejected' },
        { sceneId: 's2', state: 'pending', why: null },
        { sceneId: 's3', state: 'complete', why: null },
      ],
    });
    await run.handle.cancel();
    assert.equal(await run.end(), 'CANCELLED');
  });

  it('tell a lost worker from a task that is slow', async () => {
    const run = await workflows.start({ stills: { s1: 'silent' }, narrations: { s1: 'late' } }, ({ policy }) => {
      policy.visual.retryAttempts = 1;
      policy.audio.retryAttempts = 1;
      policy.audio.timeoutSeconds = 1;
    });
    const { degradations } = await run.result();
    assert.deepEqual(
      degradations.map(({ what, why }) => [what, why]),
      [
        ['narration', 'timeout'],
        ['picture', 'worker_lost'],
      ],
    );
  });
});

describe('a cancelled video', { concurrency: true }, () => {
  let workflows: Workflows;
  before(async () => void (workflows = await startWorkflows()));
  after(() => workflows.stop());

  it('ends after its branches, which return what they have, and its files are gone', async () => {
    const run = await workflows.start({ stills: { s2: 'late' }, narrations: { s1: 'settles' } });
    await run.settled({ audio: 1, visual: 1 });
    await run.handle.cancel();
    assert.equal(await run.end(), 'CANCELLED');
    for (const branch of ['audio', 'visual'] as const) {
      assert.equal((await run.branch(branch).describe()).status.name, 'COMPLETED');
    }
    assert.equal(
      ((await run.branch('audio').result()) as { status: string }).status,
      'complete',
      'it was paid: it counts',
    );
    assert.ok(run.calls().includes('discardWork'));
    assert.ok(!run.calls().includes('layOutFilm'));
  });

  it('begins nothing after a script that was paid and came', async () => {
    const run = await workflows.start({ script: 'settles' });
    await run.begun('writeStoryboard');
    await run.handle.cancel();
    assert.equal(await run.end(), 'CANCELLED');
    assert.deepEqual(run.calls().sort(), ['closeLedger', 'discardWork', 'writeStoryboard']);
  });

  it('stops its render', async () => {
    const run = await workflows.start({ render: 'late' });
    await run.begun('renderVideo');
    await run.handle.cancel();
    assert.equal(await run.end(), 'CANCELLED');
    assert.deepEqual(run.calls().slice(-4).sort(), ['closeLedger', 'discardWork', 'renderVideo', 'writeDraft']);
    assert.equal((await run.progress()).status, 'cancelled');
  });

  it('when terminated, its branches stop by themselves', async () => {
    const run = await workflows.start({ stills: { s2: 'late' }, narrations: { s2: 'late' } });
    await run.settled({ audio: 1, visual: 1 });
    await run.handle.terminate('by an operator');
    for (const branch of ['audio', 'visual'] as const) assert.equal(await run.end(run.branch(branch)), 'COMPLETED');
  });
});
