import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleMutant, type Mutation } from './mutant.ts';
import { quietRuntime } from './quiet-runtime.ts';
import { replay } from './replay.ts';
import { readHistories } from './saved-history.ts';

/** A change that would break runs under way, and the saved histories that must not let it pass. */
interface Mutant {
  what: string;
  mutations: Mutation[];
  refusedBy: string[];
  /** Where the change is never reached: the refusal is for what is done, not for any difference in the code. */
  acceptedBy?: string[];
}

const MUTANTS: Mutant[] = [
  {
    what: 'the branches start in another order',
    mutations: [
      {
        file: 'join-branches.ts',
        from: `{ visual: run('visual'), audio: spokenScenes(input, storyboard).length > 0 ? run('audio') : null }`,
        to: `{ audio: spokenScenes(input, storyboard).length > 0 ? run('audio') : null, visual: run('visual') }`,
      },
    ],
    refusedBy: ['v1-success.video', 'v1-cancelled.video', 'v1-worker-killed.video'],
    acceptedBy: ['v1-without-narration.video'],
  },
  {
    what: 'the audio branch runs also where no narration is wanted',
    mutations: [
      {
        file: 'join-branches.ts',
        from: `spokenScenes(input, storyboard).length > 0 ? run('audio') : null`,
        to: `run('audio')`,
      },
    ],
    refusedBy: ['v1-without-narration.video'],
    acceptedBy: ['v1-success.video'],
  },
  {
    what: 'a pause before the film is composed',
    mutations: [
      { file: 'generate-video.ts', from: `  setHandler,\n  upsertMemo,`, to: `  setHandler,\n  sleep,\n  upsertMemo,` },
      {
        file: 'generate-video.ts',
        from: `    state.enter('compose');`,
        to: `    await sleep(1);\n    state.enter('compose');`,
      },
    ],
    refusedBy: ['v1-success.video', 'v1-without-narration.video', 'v1-partial.video', 'v1-cancelled-composing.video'],
    acceptedBy: ['v1-failed.video', 'v1-script-failed.video'],
  },
  {
    what: 'nothing is encoded ahead of the last picture',
    mutations: [
      {
        file: 'generate-video.ts',
        from: `if (isLean() || patched('2026-11-streaming')) ahead.start(storyboard);`,
        to: `void (isLean() || patched('2026-11-streaming'));`,
      },
    ],
    refusedBy: ['v4-streamed.video', 'v4-cancelled-streaming.video', 'v7-streamed.video'],
    acceptedBy: ['v1-success.video'],
  },
  {
    what: 'the render does not wait for what is encoded ahead',
    mutations: [{ file: 'compose.ts', from: `if (ahead.isStarted) await ahead.settled();`, to: `` }],
    refusedBy: ['v4-streamed.video'],
    acceptedBy: ['v1-success.video'],
  },
  {
    what: 'runs from before there was a line ask whether they stand in it',
    mutations: [{ file: 'join-branches.ts', from: `if (!patched('2026-11-in-line')) return true;`, to: `` }],
    refusedBy: ['v1-sync-timeout.video', 'v5-sync-timeout.video'],
    acceptedBy: ['v1-success.video'],
  },
  {
    what: 'who stands in line is late',
    mutations: [
      {
        file: 'join-branches.ts',
        from: `if (!patched('2026-11-in-line')) return true;`,
        to: `if (patched('2026-11-in-line')) return true;`,
      },
    ],
    refusedBy: ['v6-in-line.video'],
    acceptedBy: ['v1-success.video', 'v5-success.video'],
  },
  {
    what: 'runs from before glue was done within tasks do it there',
    mutations: [{ file: 'glue.ts', from: `if (!isLean()) return apart(...args);`, to: `` }],
    refusedBy: ['v1-success.video', 'v6-in-line.video', 'v5-failed.video'],
    acceptedBy: ['v7-success.video', 'v5-success.visual'],
  },
  {
    what: 'glue is done apart again',
    mutations: [{ file: 'glue.ts', from: `if (!isLean()) return apart(...args);`, to: `return apart(...args);` }],
    refusedBy: ['v7-success.video', 'v7-cancelled.video', 'v7-max-cost.video', 'v7-glue-apart.video'],
    acceptedBy: ['v5-success.video', 'v7-success.visual'],
  },
  {
    what: 'what fails within a task is not done apart',
    mutations: [
      { file: 'glue.ts', from: `if (!(error instanceof TemporalFailure) || isCancellation(error)) throw`, to: `throw` },
    ],
    refusedBy: ['v7-glue-apart.video'],
    acceptedBy: ['v7-success.video', 'v5-success.video'],
  },
  {
    what: 'an activity of another type',
    mutations: [
      {
        file: 'visual-branch.ts',
        from: `call(({ generateStill }) => generateStill(order))`,
        to: `call(({ takeOwnPicture }) => takeOwnPicture({ picture: '' }))`,
      },
    ],
    refusedBy: ['v1-success.visual', 'v1-partial.visual', 'v1-cancelled.visual', 'v1-worker-killed.visual'],
    acceptedBy: ['v1-success.audio'],
  },
  {
    what: 'the last two activities in another order',
    mutations: [
      {
        file: 'generate-video.ts',
        from: `const [ledger] = await Promise.all([closeLedger({ tenant, videoId, timeline: film.timeline }), tidyUp(input)]);`,
        to: `const [, ledger] = await Promise.all([tidyUp(input), closeLedger({ tenant, videoId, timeline: film.timeline })]);`,
      },
    ],
    refusedBy: ['v1-success.video', 'v1-sync-timeout.video', 'v1-deadline.video'],
    acceptedBy: ['v1-failed.video'],
  },
  {
    what: 'scenes are settled without a word to the parent',
    mutations: [{ file: 'telling-parent.ts', from: `if (parent === undefined ||`, to: `if (parent !== undefined ||` }],
    refusedBy: ['v1-success.audio', 'v1-success.visual', 'v1-fail-fast.audio', 'v1-video-terminated.visual'],
  },
  {
    what: 'scenes that settle together are told one by one again',
    mutations: [{ file: 'settle-scenes.ts', from: `patched('2026-11-told-together')`, to: `false` }],
    refusedBy: ['v5-success.audio', 'v5-success.visual', 'v5-video-terminated.visual'],
    acceptedBy: ['v4-streamed.video', 'v1-success.visual'],
  },
  {
    what: 'a branch ignores its width',
    mutations: [{ file: 'settle-scenes.ts', from: `Math.min(width, scenes.length)`, to: `scenes.length` }],
    refusedBy: ['v1-narrow.audio', 'v1-narrow.visual'],
    acceptedBy: ['v1-success.visual'],
  },
  {
    what: 'a late branch is not cancelled at the sync point',
    mutations: [
      { file: 'join-branches.ts', from: `  branches.cancel();\n  const [audioOutcome`, to: `  const [audioOutcome` },
    ],
    refusedBy: ['v1-sync-timeout.video'],
    acceptedBy: ['v1-success.video'],
  },
  {
    what: 'fail_fast waits for the sibling',
    mutations: [
      { file: 'join-branches.ts', from: `=== 'fail_fast') branches.cancel();`, to: `=== 'fail_fast') void 0;` },
    ],
    refusedBy: ['v1-fail-fast.video'],
    acceptedBy: ['v1-failed.video'],
  },
  {
    what: 'a film without one real picture',
    mutations: [{ file: 'decide.ts', from: `if (real < input.policy.minRealPictures) {`, to: `if (real < 0) {` }],
    refusedBy: ['v1-failed.video'],
    acceptedBy: ['v1-fail-fast.video'],
  },
  {
    what: 'a cancelled video leaves its files',
    mutations: [
      {
        file: 'generate-video.ts',
        from: `Promise.all([leaveAccount(input), tidyUp(input)])`,
        to: `leaveAccount(input)`,
      },
    ],
    refusedBy: ['v1-cancelled.video', 'v1-cancelled-composing.video'],
    acceptedBy: ['v1-success.video'],
  },
  {
    what: 'a failed script leaves the account open',
    mutations: [
      {
        file: 'generate-video.ts',
        from: `if (error instanceof ActivityFailure) return await endFailed`,
        to: `if (error instanceof RunFailed) return await endFailed`,
      },
    ],
    refusedBy: ['v1-script-failed.video'],
    acceptedBy: ['v1-failed.video'],
  },
  {
    what: 'the parent is deaf to what its branches tell',
    mutations: [
      {
        file: 'generate-video.ts',
        from: `setHandler(sceneSettled, (...outcomes) => outcomes.forEach((outcome) => state.settle(outcome)));`,
        to: `setHandler(sceneSettled, () => undefined);`,
      },
    ],
    refusedBy: ['v1-branch-terminated.video'],
    acceptedBy: ['v1-success.video'],
  },
];

const histories = readHistories();
const history = (name: string) => {
  const found = histories.find((saved) => saved.name === name);
  assert.ok(found, `there is no history ${name}`);
  return found;
};

describe('changed workflow code', () => {
  before(quietRuntime);

  it('is accepted when nothing was changed', async () => {
    for (const [name, error] of await replay(await bundleMutant([]), histories))
      assert.ifError(error && `${name}: ${error.message}`);
  });

  for (const { what, mutations, refusedBy, acceptedBy = [] } of MUTANTS) {
    it(`is refused: ${what}`, async () => {
      const replayed = await replay(await bundleMutant(mutations), [...refusedBy, ...acceptedBy].map(history));
      for (const name of refusedBy) {
        const error = replayed.get(name);
        assert.ok(error instanceof DeterminismViolationError, `${name}: ${error?.message ?? 'was accepted'}`);
      }
      for (const name of acceptedBy) assert.equal(replayed.get(name)?.message, undefined, name);
    });
  }
});
