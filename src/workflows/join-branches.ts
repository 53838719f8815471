import {
  ActivityFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  ParentClosePolicy,
  patched,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { plannedClips } from '../domain/clip-plan.ts';
import type { Due } from '../domain/deadline.ts';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import { branchWorkflowId } from '../domain/ids.ts';
import { ownMaterialOf } from '../domain/material-of-scene.ts';
import type { BranchOutcome, SceneFailure } from '../domain/outcome.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import { syncTimeoutMs, timeAfterLineMs } from '../domain/sync-timeout.ts';
import { TOO_DEAR, type TooDear } from './allot-budget.ts';
import { audioBranch } from './audio-branch.ts';
import { lastCall } from './messages.ts';
import { look } from './profiles.ts';
import type { RunState } from './run-state.ts';
import { spokenScenes } from './spoken-scenes.ts';
import { visualBranch } from './visual-branch.ts';

type Branch = 'audio' | 'visual';

const { lookAtLine } = proxyActivities<Activities>(look);

export interface JoinedBranches {
  /** The sync point's time was up before the required branches were done. */
  timedOut: boolean;
  /** Null when no narration was asked for. */
  audio: BranchOutcome | null;
  visual: BranchOutcome;
  /** The branch in which no scene succeeded, by itself: the other may have failed only because it was cancelled for it. */
  failedFirst: Branch | null;
}

/**
 * Runs both branches side by side and joins them at the sync point: when the required ones are settled, when the time
 * is up, or, under `fail_fast`, when the first has failed. What is late by then is cancelled and gives what it has. The
 * time in which its calls stand in line behind those of other films makes nobody late.
 */
export async function joinBranches(
  input: GenerateVideoInput,
  storyboard: Storyboard,
  { state, tooDear, attempt }: { state: RunState; tooDear: TooDear; attempt: number },
): Promise<JoinedBranches> {
  const { sync } = input.policy;
  const branches = new CancellationScope();
  let failedFirst: Branch | null = null;

  const run = async (branch: Branch): Promise<BranchOutcome> => {
    const outcome = await startBranch(branch, { input, storyboard, state, tooDear, attempt });
    state.settleBranch(branch, outcome);
    if (outcome.status === 'failed') failedFirst ??= branch;
    if (outcome.status === 'failed' && sync.failureStrategy === 'fail_fast') branches.cancel();
    return outcome;
  };
  const running = branches.run(() =>
    Promise.resolve({ visual: run('visual'), audio: spokenScenes(input, storyboard).length > 0 ? run('audio') : null }),
  );
  const { visual, audio } = await running;
  // Without narration there is no audio branch: where that alone is required, the film waits for its pictures.
  const waitsForVisual = audio === null || sync.requiredBranches.includes('visual');
  const required: Partial<Record<Branch, Promise<BranchOutcome>>> = {
    ...(waitsForVisual ? { visual } : {}),
    ...(audio !== null && sync.requiredBranches.includes('audio') ? { audio } : {}),
  };
  const all = Promise.all([audio, visual]);

  const timedOut = await isLate(input, required, { state, attempt });
  if (timedOut && plannedClips(input, storyboard).length > 0) await callLast(input.videoId, { attempt, visual });
  // Whoever is not done now is late. Cancelled branches settle what is paid, and return.
  branches.cancel();
  const [audioOutcome, visualOutcome] = await all;
  return { timedOut, audio: audioOutcome, visual: visualOutcome, failedFirst };
}

async function isLate(
  input: GenerateVideoInput,
  required: Partial<Record<Branch, Promise<BranchOutcome>>>,
  { state, attempt }: { state: RunState; attempt: number },
): Promise<boolean> {
  const settled = Promise.all(Object.values(required));
  for (let timeoutMs = syncTimeoutMs(input, Date.now()); timeoutMs > 0;) {
    if (!(await timeIsUpBefore(settled, timeoutMs))) return false;
    if (!patched('2026-11-in-line')) return true;
    const branches = (Object.keys(required) as Branch[]).filter((branch) => !state.hasEnded(branch));
    timeoutMs = await timeForLine(input, { branches, attempt });
  }
  return !CancellationScope.current().consideredCancelled;
}

/** 0: nothing of it stood in line of late, or nobody could tell. */
async function timeForLine(
  input: GenerateVideoInput,
  { branches, attempt }: { branches: Branch[]; attempt: number },
): Promise<number> {
  try {
    const { at, until } = await lookAtLine({ videoId: input.videoId, attempt, branches });
    if (until === null) return 0;
    return timeAfterLineMs(input, { agoMs: Date.parse(at) - Date.parse(until), nowMs: Date.now() });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    if (!isCancellation(error)) log.warn('Nobody could tell whether the branches stand in line');
    return 0;
  }
}

/** Clips that are made and not yet fetched are taken: a moment more for what is paid for. */
async function callLast(
  videoId: string,
  { attempt, visual }: { attempt: number; visual: Promise<BranchOutcome> },
): Promise<void> {
  try {
    await getExternalWorkflowHandle(branchWorkflowId(videoId, 'visual', attempt)).signal(lastCall);
  } catch (error) {
    // It has ended meanwhile.
    if (!isCancellation(error)) return;
  }
  await timeIsUpBefore(visual, LAST_CALL_MS);
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

/** As long as a file takes to be fetched and decoded on a small machine. */
const LAST_CALL_MS = 15_000;

interface BranchStart {
  input: GenerateVideoInput;
  storyboard: Storyboard;
  state: RunState;
  tooDear: TooDear;
  /** Counts the video's runs. */
  attempt: number;
}

async function startBranch(
  branch: Branch,
  { input, storyboard, state, tooDear, attempt }: BranchStart,
): Promise<BranchOutcome> {
  const { videoId, tenant, spec, policy } = input;
  const scenes = branch === 'audio' ? spokenScenes(input, storyboard) : storyboard.scenes;
  state.startBranch(
    branch,
    scenes.map((scene) => scene.id),
  );
  const planned = plannedClips(input, storyboard);
  const clipOf = (id: string): { clip?: { seconds: number; dear: SceneFailure | null } } => {
    const clip = planned.find(({ sceneId }) => sceneId === id);
    return clip === undefined
      ? {}
      : { clip: { seconds: clip.seconds, dear: tooDear.clips.includes(id) ? TOO_DEAR : null } };
  };
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
                const unbought = tooDear.narrations.includes(id) ? TOO_DEAR : null;
                return { sceneId: id, text: narration, own: ownMaterialOf(spec.ownMaterial, id).narration, unbought };
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
              style: spec.visualStyle,
              rewriting: policy.rewriteRejectedPrompts === true ? rewritingFor(spec) : null,
              ...(policy.clips === undefined ? {} : { clips: { ...policy.clips, due: dueOf(spec) } }),
              scenes: scenes.map(({ id, imagePrompt }) => {
                const { picture, clip } = ownMaterialOf(spec.ownMaterial, id);
                const unbought = tooDear.stills.includes(id) ? TOO_DEAR : null;
                const own = { own: picture, ownClip: clip ?? null };
                return { sceneId: id, prompt: imagePrompt, ...own, unbought, ...clipOf(id) };
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

/** What the branch needs of the wish to have a refused prompt rewritten. */
function rewritingFor(spec: GenerateVideoInput['spec']) {
  return { theme: spec.theme, ...dueOf(spec) };
}

const dueOf = ({ deadline, durationSeconds }: GenerateVideoInput['spec']): Due => ({ deadline, durationSeconds });
