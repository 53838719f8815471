import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { VideoResult } from '../../src/domain/video-result.ts';
import { startWorkflows, type RunUnderTest, type Workflows } from './workflows-under-test.ts';

/** Long enough for what is made at once, with a few of these runs side by side on a busy machine. */
const SOON = 15;

const lost = ({ degradations }: VideoResult) =>
  degradations.map(({ sceneId, what, why }) => `${sceneId} ${what} ${why}`);

async function failureOf(run: RunUnderTest): Promise<ApplicationFailure> {
  const error = await run.result().catch((failure: unknown) => failure);
  assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure, String(error));
  return error.cause;
}

// All at once they would keep each other from making what is made at once: a run near its deadline has five seconds for it.
describe('the sync point', { concurrency: 6 }, () => {
  let workflows: Workflows;
  before(async () => void (workflows = await startWorkflows()));
  after(() => workflows.stop());

  it('joins two whole branches', async () => {
    const run = await workflows.start({});
    const result = await run.result();
    assert.equal(result.status, 'success');
    assert.deepEqual(lost(result), []);
  });

  it('when a branch is terminated, what its scenes had told stands, and the run goes on', async () => {
    const run = await workflows.start({ stills: { s2: 'late' } });
    await run.settled({ audio: 2, visual: 1 });
    await run.branch('visual').terminate('by an operator');
    const result = await run.result();
    assert.equal(result.status, 'partial');
    assert.deepEqual(lost(result), ['s2 picture branch_lost']);
    assert.equal(result.degradations[0]?.replacedBy, 'picture of s1');
  });

  it('when a branch is cancelled by itself, it returns what it has, and the run goes on', async () => {
    const run = await workflows.start({ narrations: { s1: 'late' } });
    await run.settled({ audio: 1, visual: 2 });
    await run.branch('audio').cancel();
    assert.deepEqual(lost(await run.result()), ['s1 narration branch_lost']);
    assert.equal(await run.end(run.branch('audio')), 'COMPLETED');
  });

  it('a late branch is cancelled, waited for, and keeps its finished scenes', async () => {
    const run = await workflows.start({ stills: { s2: 'late' } }, ({ policy }) => (policy.sync.timeoutSeconds = SOON));
    assert.deepEqual(lost(await run.result()), ['s2 picture sync_timeout']);
    assert.equal((await run.branch('visual').describe()).status.name, 'COMPLETED', 'before its video');
  });

  it('a late picture that comes when it is cancelled is in the film', async () => {
    const run = await workflows.start(
      { stills: { s2: 'settles' } },
      ({ policy }) => (policy.sync.timeoutSeconds = SOON),
    );
    const result = await run.result();
    assert.deepEqual([result.status, lost(result)], ['success', []]);
  });

  it('does not wait for a branch that is not required', async () => {
    const run = await workflows.start({ narrations: { s1: 'late' } }, ({ policy }) => {
      policy.sync.requiredBranches = ['visual'];
    });
    assert.deepEqual(lost(await run.result()), ['s1 narration branch_lost']);
  });

  it('waits for the pictures where narration alone is required, and none is wanted', async () => {
    const run = await workflows.start({}, ({ spec, policy }) => {
      policy.sync.requiredBranches = ['audio'];
      spec.enableTts = false;
    });
    const result = await run.result();
    assert.deepEqual([result.status, lost(result)], ['success', []]);
  });

  it('comes sooner when the deadline is near, and what the film goes without is said', async () => {
    const run = await workflows.start({ stills: { s2: 'late' } }, ({ spec, policy }) => {
      spec.deadline = new Date(Date.now() + 1000).toISOString();
      policy.similarPictures = true;
    });
    assert.deepEqual(lost(await run.result()), [
      's2 picture sync_timeout',
      'null picture deadline',
      'null draft deadline',
    ]);
    assert.ok(!run.calls().includes('findSimilarPictures') && !run.calls().includes('writeDraft'));
  });

  it('leaves out nothing for a deadline that is far', async () => {
    const run = await workflows.start({ stills: { s2: 'refused' }, similar: ['s2'] }, ({ spec, policy }) => {
      spec.deadline = new Date(Date.now() + 3_600_000).toISOString();
      policy.similarPictures = true;
    });
    const { degradations } = await run.result();
    assert.deepEqual(
      degradations.map(({ why, replacedBy }) => [why, replacedBy]),
      [['content_rejected', 'similar picture of video v-earlier']],
    );
    assert.ok(run.calls().includes('writeDraft'));
  });

  it('a late audio branch costs its voices, and keeps those that were there', async () => {
    const run = await workflows.start(
      { narrations: { s2: 'late' } },
      ({ policy }) => (policy.sync.timeoutSeconds = SOON),
    );
    const result = await run.result();
    assert.deepEqual(lost(result), ['s2 narration sync_timeout']);
    assert.equal(result.degradations[0]?.replacedBy, 'captions and music');
    assert.equal(await run.end(run.branch('audio')), 'COMPLETED');
  });

  it('both late: what each has by then makes the film', async () => {
    const run = await workflows.start({ narrations: { s1: 'late' }, stills: { s2: 'late' } }, ({ policy }) => {
      policy.sync.timeoutSeconds = SOON;
    });
    assert.deepEqual(lost(await run.result()), ['s1 narration sync_timeout', 's2 picture sync_timeout']);
  });

  it('without one picture at its time-out there is no film', async () => {
    const run = await workflows.start({ stills: { s1: 'late', s2: 'late' } }, ({ policy }) => {
      policy.sync.timeoutSeconds = SOON;
    });
    const failure = await failureOf(run);
    assert.equal(failure.type, 'no_real_pictures');
    assert.match(failure.message, /sync_timeout/);
  });

  it('where narration alone is required, pictures that are late are not waited for', async () => {
    const run = await workflows.start({ stills: { s2: 'late' } }, ({ policy }) => {
      policy.sync.requiredBranches = ['audio'];
    });
    assert.deepEqual(lost(await run.result()), ['s2 picture branch_lost']);
  });

  it('a branch that fails costs a substitute, not the film', async () => {
    const result = await (await workflows.start({ narrations: { s1: 'refused', s2: 'refused' } })).result();
    assert.deepEqual(lost(result), ['s1 narration content_rejected', 's2 narration content_rejected']);
    assert.equal(result.degradations[0]?.replacedBy, 'captions and music');
  });

  it('under fail_fast the first failed branch cancels the other', async () => {
    const run = await workflows.start(
      { stills: { s1: 'refused', s2: 'refused' }, narrations: { s2: 'late' } },
      (input) => {
        input.policy.sync.failureStrategy = 'fail_fast';
      },
    );
    const failure = await failureOf(run);
    assert.equal(failure.type, 'branch_failed');
    assert.equal((await run.branch('audio').describe()).status.name, 'COMPLETED', 'cancelled, and returned');
    assert.ok(!run.calls().includes('renderVideo'));
  });

  it('under fail_fast a failed audio branch cancels the pictures', async () => {
    const run = await workflows.start(
      { narrations: { s1: 'refused', s2: 'refused' }, stills: { s1: 'late', s2: 'late' } },
      ({ policy }) => (policy.sync.failureStrategy = 'fail_fast'),
    );
    const failure = await failureOf(run);
    assert.equal(failure.type, 'branch_failed');
    assert.match(failure.message, /^The audio branch failed/);
    assert.equal((await run.branch('visual').describe()).status.name, 'COMPLETED', 'cancelled, and returned');
  });

  it('under fail_fast a branch that is only late, or lost some scenes, is no failed branch', async () => {
    const run = await workflows.start(
      { narrations: { s1: 'refused' }, stills: { s2: 'late' } },
      ({ policy }) => (policy.sync = { ...policy.sync, failureStrategy: 'fail_fast', timeoutSeconds: SOON }),
    );
    assert.deepEqual(lost(await run.result()), ['s1 narration content_rejected', 's2 picture sync_timeout']);
  });

  it('a search for similar pictures that fails costs nothing but its find', async () => {
    const run = await workflows.start(
      { stills: { s2: 'refused' }, similar: ['s2'], search: 'refused' },
      ({ policy }) => {
        policy.similarPictures = true;
      },
    );
    assert.equal((await run.result()).degradations[0]?.replacedBy, 'picture of s1');
  });

  it('what max_cost does not reach for is not asked for, and said', async () => {
    const tooDear = { stills: ['s2'], narrations: ['s1'] };
    const run = await workflows.start({ tooDear }, ({ spec }) => (spec.maxCost = 1));
    assert.deepEqual(lost(await run.result()), ['s1 narration max_cost_reached', 's2 picture max_cost_reached']);
    const bought = run.calls().filter((name) => name === 'generateStill' || name === 'synthesizeNarration');
    assert.deepEqual(bought.sort(), ['generateStill', 'synthesizeNarration']);
  });

  it('a budget that reaches for no picture ends the run before its branches', async () => {
    const run = await workflows.start({ tooDear: { sufficient: false } }, ({ spec }) => (spec.maxCost = 1));
    assert.equal((await failureOf(run)).type, 'max_cost_reached');
    assert.ok(!run.calls().includes('synthesizeNarration'));
  });

  it('a refused prompt is rewritten once, unless the deadline is near', async () => {
    const refused = { stills: { s1: 'refused' } } as const;
    const rewriting = ({ policy }: { policy: { rewriteRejectedPrompts?: boolean | undefined } }) =>
      void (policy.rewriteRejectedPrompts = true);
    const run = await workflows.start(refused, rewriting);
    assert.match((await run.result()).degradations[0]?.detail ?? '', /refused again with its prompt rewritten/);
    assert.equal(run.calls().filter((name) => name === 'generateStill').length, 3);

    const late = await workflows.start(refused, (input) => {
      rewriting(input);
      input.spec.deadline = new Date(Date.now() + 1000).toISOString();
    });
    assert.match((await late.result()).degradations[0]?.detail ?? '', /not rewritten, because the deadline was near/);
    assert.ok(!late.calls().includes('rewritePicturePrompt'));
  });

  it('fewer real pictures than wanted are no film', async () => {
    const run = await workflows.start({ stills: { s1: 'refused' } }, ({ policy }) => (policy.minRealPictures = 2));
    const failure = await failureOf(run);
    assert.equal(failure.type, 'no_real_pictures');
    assert.match(failure.message, /^1 of 2 pictures.*content_rejected/);
    assert.deepEqual(
      run.calls().slice(-2).sort(),
      ['closeLedger', 'discardWork'],
      'the account is closed, the files are gone',
    );
  });
});
