import {
  ActivityFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  sleep,
} from '@temporalio/workflow';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import { branchWorkflowId } from '../domain/ids.ts';
import { ownMaterialOf } from '../domain/own-material.ts';
import type { BranchOutcome } from '../domain/outcome.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import { syncTimeoutMs } from '../domain/sync-timeout.ts';
import { audioBranch } from './audio-branch.ts';
import type { RunState } from './run-state.ts';
import { visualBranch } from './visual-branch.ts';

type Branch = 'audio' | 'visual';

export interface JoinedBranches {
  /** The sync point's time was up before the required branches were done. */
  timedOut: boolean;
  /** Null when no narration was asked for. */
  audio: BranchOutcome | null;
  visual: BranchOutcome;
}

/**
 * Runs both branches side by side and joins them at the sync point: when the required ones are settled, when the time
 * is up, or, under `fail_fast`, when the first has failed. What is late by then is cancelled and gives what it has.
 */
export async function joinBranches(
  input: GenerateVideoInput,
  storyboard: Storyboard,
  { state, attempt }: { state: RunState; attempt: number },
): Promise<JoinedBranches> {
  const { sync } = input.policy;
  const branches = new CancellationScope();

  const run = async (branch: Branch): Promise<BranchOutcome> => {
    const outcome = await startBranch(branch, { input, storyboard, state, attempt });
    state.settleBranch(outcome);
    if (outcome.status === 'failed' && sync.failureStrategy === 'fail_fast') branches.cancel();
    return outcome;
  };
  const running = branches.run(() =>
    Promise.resolve({ visual: run('visual'), audio: spokenScenes(input, storyboard).length > 0 ? run('audio') : null }),
  );
  const { visual, audio } = await running;
  // Without narration there is no audio branch: where that alone is required, the film waits for its pictures.
  const waitsForVisual = audio === null || sync.requiredBranches.includes('visual');
  const required = [waitsForVisual ? visual : null, sync.requiredBranches.includes('audio') ? audio : null];
  const all = Promise.all([audio, visual]);

  const timedOut = await timeIsUpBefore(Promise.all(required), syncTimeoutMs(input, Date.now()));
  // Whoever is not done now is late. Cancelled branches settle what is paid, and return.
  branches.cancel();
  const [audioOutcome, visualOutcome] = await all;
  return { timedOut, audio: audioOutcome, visual: visualOutcome };
}

/** A user's cancel ends the wait too; the branches have it already. */
async function timeIsUpBefore(settled: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timer = new CancellationScope();
  try {
    return await timer.run(() => Promise.race([settled.then(() => false), sleep(timeoutMs).then(() => true)]));
  } catch (error) {
    if (isCancellation(error)) return false;
    throw error;
  } finally {
    timer.cancel();
  }
}

/** All of them, or, where nothing is to be spoken by a voice, those that the user has recorded. */
export function spokenScenes({ spec }: GenerateVideoInput, storyboard: Storyboard): Storyboard['scenes'] {
  return storyboard.scenes.filter(({ id }) => spec.enableTts || ownMaterialOf(spec.ownMaterial, id).narration !== null);
}

interface Joining {
  input: GenerateVideoInput;
  storyboard: Storyboard;
  state: RunState;
  attempt: number;
}

async function startBranch(branch: Branch, { input, storyboard, state, attempt }: Joining): Promise<BranchOutcome> {
  const { videoId, tenant, spec, policy } = input;
  const scenes = branch === 'audio' ? spokenScenes(input, storyboard) : storyboard.scenes;
  state.startBranch(
    branch,
    scenes.map((scene) => scene.id),
  );
  const options = {
    workflowId: branchWorkflowId(videoId, branch, attempt),
    // Late branches return their finished scenes; with any other type they would be lost.
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: `${branch} branch, ${scenes.length} scenes`,
  };
  try {
    return branch === 'audio'
      ? await executeChild(audioBranch, {
          ...options,
          args: [
            {
              ...{ videoId, tenant, voice: spec.voiceType, maxCost: spec.maxCost, policy: policy.audio },
              scenes: scenes.map(({ id, narration }) => {
                return { sceneId: id, text: narration, own: ownMaterialOf(spec.ownMaterial, id).narration };
              }),
            },
          ],
        })
      : await executeChild(visualBranch, {
          ...options,
          args: [
            {
              ...{ videoId, tenant, maxCost: spec.maxCost, policy: policy.visual },
              ...{ aspectRatio: spec.aspectRatio, canvas: input.canvas, referenceImage: spec.referenceImage },
              film: { canvas: input.canvas, fps: spec.fps, seconds: spec.durationSeconds },
              scenes: scenes.map(({ id, imagePrompt }) => {
                const { picture, clip } = ownMaterialOf(spec.ownMaterial, id);
                return { sceneId: id, prompt: imagePrompt, own: picture, ownClip: clip ?? null };
              }),
            },
          ],
        });
  } catch (error) {
    // Terminated or cancelled from outside: what its scenes had told before stands. Anything else is a bug, and shows.
    if (error instanceof ChildWorkflowFailure || error instanceof ActivityFailure)
      return { status: 'failed', scenes: [] };
    throw error;
  }
}
