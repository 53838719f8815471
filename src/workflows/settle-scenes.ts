import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  patched,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { BranchOutcome, SceneFailure, SceneOutcome } from '../domain/outcome.ts';
import { Telling, TellingEach } from './telling-parent.ts';

/**
 * Works through a branch's scenes, `width` at a time. A scene that fails never fails the branch; a cancelled branch
 * returns what it has. The parent hears of each scene as it settles.
 */
export async function settleScenes<Scene extends { sceneId: string }>(
  options: { branch: 'audio' | 'visual'; scenes: Scene[]; width: number },
  make: (scene: Scene) => Promise<SceneOutcome>,
): Promise<BranchOutcome> {
  const { branch, scenes, width } = options;
  const outcomes: SceneOutcome[] = [];
  const telling = patched('2026-11-told-together') ? new Telling() : new TellingEach();
  const waiting = scenes.values();

  const workThrough = async (): Promise<void> => {
    for (const scene of waiting) {
      const outcome = await settle(branch, scene, make);
      outcomes.push(outcome);
      telling.tell(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, scenes.length) }, workThrough));
  await telling.end();
  return { status: statusOf(outcomes), scenes: outcomes };
}

async function settle<Scene extends { sceneId: string }>(
  branch: 'audio' | 'visual',
  scene: Scene,
  make: (scene: Scene) => Promise<SceneOutcome>,
): Promise<SceneOutcome> {
  const { sceneId } = scene;
  if (CancellationScope.current().consideredCancelled)
    return { branch, sceneId, status: 'skipped', failure: CANCELLED };
  try {
    return await make(scene);
  } catch (error) {
    if (isCancellation(error)) return { branch, sceneId, status: 'skipped', failure: CANCELLED };
    if (error instanceof ActivityFailure) return { branch, sceneId, status: 'failed', failure: failureOf(error) };
    throw error;
  }
}

const CANCELLED: SceneFailure = { code: 'cancelled', detail: 'The branch was cancelled before this scene was done.' };

const OUR_CODE = /^[a-z]+(_[a-z]+)*$/;

/** The cause in the words of the retry policy: a failure's type, or which time limit passed. */
export function failureOf(error: ActivityFailure): SceneFailure {
  const { cause } = error;
  // Our own errors have a code and words for people; whatever else was thrown says nothing to the outside.
  if (cause instanceof ApplicationFailure && OUR_CODE.test(cause.type ?? ''))
    return { code: cause.type ?? '', detail: cause.message };
  if (cause instanceof TimeoutFailure) {
    const heartbeat = cause.timeoutType === 'HEARTBEAT';
    return heartbeat
      ? { code: 'worker_lost', detail: 'Its worker was lost, each time it was tried.' }
      : { code: 'timeout', detail: 'It took longer than its time limit, each time it was tried.' };
  }
  return { code: 'internal_error', detail: 'An unexpected failure; the history has it.' };
}

function statusOf(outcomes: SceneOutcome[]): BranchOutcome['status'] {
  const complete = outcomes.filter((outcome) => outcome.status === 'complete').length;
  if (complete === outcomes.length) return 'complete';
  return complete === 0 ? 'failed' : 'partial';
}
