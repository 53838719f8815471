import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { composeMs } from '../../src/domain/deadline.ts';
import type { VideoResult } from '../../src/domain/video-result.ts';
import { ofClips, startWorkflows, type Workflows } from './workflows-under-test.ts';

const lost = ({ degradations }: VideoResult) =>
  degradations.map(({ sceneId, what, why, replacedBy }) => `${sceneId} ${what} ${why}: ${replacedBy}`);
const failed = (code: string, again = false) => ({ failure: { code, detail: 'It failed.' }, again });
const soon = (seconds: number) => new Date(Date.now() + composeMs(5) + seconds * 1000).toISOString();

describe('films of clips', { concurrency: true }, () => {
  let workflows: Workflows;
  before(async () => void (workflows = await startWorkflows()));
  after(() => workflows.stop());

  const countOf = (calls: string[], name: string) => calls.filter((call) => call === name).length;

  it('have clips where something moves, and stills where not', async () => {
    const run = await workflows.start({ scenes: 3, standing: ['s2'] }, ofClips);
    assert.equal((await run.result()).status, 'success');
    assert.deepEqual(
      ['startClip', 'awaitClip', 'keepClip', 'generateStill'].map((name) => countOf(run.calls(), name)),
      [2, 2, 2, 1],
    );
  });

  it('order no clip for stills that were asked for', async () => {
    const run = await workflows.start({ scenes: 2 });
    await run.result();
    assert.equal(countOf(run.calls(), 'startClip'), 0);
  });

  it('let no still wait for a clip that is waited for', async () => {
    const plan = { scenes: 3, standing: ['s2', 's3'], clips: { s1: { waits: 'settles' as const } } };
    const run = await workflows.start(plan, (input) => {
      ofClips(input);
      input.policy.visual.maxConcurrentTasks = 1;
    });
    await run.settled({ audio: 3, visual: 2 });
    await run.handle.cancel();
    assert.equal(await run.end(), 'CANCELLED');
  });

  it('take a clip that is made at the last moment, and leave what is not', async () => {
    const plan = { clips: { s1: { waits: 'settles' as const }, s2: { waits: 'late' as const } } };
    const run = await workflows.start(plan, (input) => {
      ofClips(input);
      input.policy.sync.timeoutSeconds = 6;
    });
    assert.deepEqual(lost(await run.result()), ['s2 picture sync_timeout: picture of s1']);
    assert.equal(countOf(run.calls(), 'keepClip'), 1);
  });

  it('try again after a passing fault, and not for ever', async () => {
    const ends = [1, 2, 3, 4].map(() => failed('temporary_failure', true));
    const run = await workflows.start({ clips: { s1: { ends }, s2: { ends: [failed('timeout')] } } }, (input) => {
      ofClips(input);
      input.policy.visual.retryAttempts = 2;
    });
    assert.deepEqual(lost(await run.result()), ['s1 clip temporary_failure: still', 's2 clip timeout: still']);
    assert.equal(countOf(run.calls(), 'startClip'), 3);
  });

  it('say which of the two could not be had', async () => {
    const plan = { clips: { s1: { ends: [failed('timeout')] } }, stills: { s1: 'refused' as const } };
    const result = await (await workflows.start(plan, ofClips)).result();
    assert.deepEqual(lost(result), ['s1 picture timeout: picture of s2']);
    assert.match(result.degradations[0]?.detail ?? '', /still in its place \(content_rejected/);
  });

  it('never send refused words again: they are rewritten, or the scene has no picture of its own', async () => {
    const plan = () => ({ clips: { s1: { ends: [failed('content_rejected')] } } });
    const refused = await workflows.start(plan(), ofClips);
    assert.deepEqual(lost(await refused.result()), ['s1 picture content_rejected: picture of s2']);
    assert.equal(countOf(refused.calls(), 'generateStill'), 0);
    const rewritten = await workflows.start(plan(), (input) => {
      ofClips(input);
      input.policy.rewriteRejectedPrompts = true;
    });
    assert.deepEqual(lost(await rewritten.result()), []);
    assert.equal(countOf(rewritten.calls(), 'rewritePicturePrompt'), 1);
  });

  it('become stills when the deadline is near, before scenes are lost', async () => {
    const run = await workflows.start({}, (input) => {
      ofClips(input);
      input.spec.deadline = soon(60);
    });
    assert.deepEqual(lost(await run.result()), ['s1 clip deadline: still', 's2 clip deadline: still']);
    assert.equal(countOf(run.calls(), 'startClip'), 0);
  });

  it('become stills where max_cost does not reach for them', async () => {
    const run = await workflows.start({ tooDear: { asStills: ['s2'] } }, (input) => {
      ofClips(input);
      input.spec.maxCost = 1;
    });
    assert.deepEqual(lost(await run.result()), ['s2 clip max_cost_reached: still']);
    assert.equal(countOf(run.calls(), 'startClip'), 1);
  });
});
