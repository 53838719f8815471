import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { RestoredVideo } from '../../contract/checkpoint.ts';
import type { GenerateVideoInput, VideoMemo } from '../../domain/generate-video.ts';
import { identityOf, restoredOf } from '../../temporal/run-record.ts';
import { describedState, isClosed } from '../../temporal/run-state.ts';
import type { RestoredArguments } from '../../workflows/kept.ts';
import { type RESTORE_REFUSALS, restoreUpdate } from '../../workflows/messages.ts';
import { ApiError } from '../api-error.ts';
import type { TemporalGate } from '../temporal-gate.ts';
import { checkpointsOf, named, notReached, type CheckpointDeps } from './checkpoints.ts';
import { findRun, lookUpRun } from './find-run.ts';
import { askWorker, historyGone, keptParts } from './kept-parts.ts';
import { settleBranches } from './settle-branches.ts';
import { GENERATE_VIDEO, runOptions } from './start-video.ts';

/** How often a run may change under our eyes: it ends just now, or goes on as another. */
const MOST_LOOKS = 4;

type Restoration = Pick<RestoredVideo, 'status'> & { runId: string };

/**
 * Lets a video go on from a checkpoint. A run under way is asked to take itself back; of one that has ended, a new run
 * goes on under the same id. Nothing that was paid for is bought again: it is found under the video's id.
 * @throws ApiError, as the contract has it
 */
export async function restoreVideo(deps: CheckpointDeps, videoId: string, name: string): Promise<Restoration> {
  for (let look = 1; look <= MOST_LOOKS; look++) {
    const restored = await restoreOnce(deps, videoId, name);
    if (restored !== null) return restored;
  }
  throw new ApiError('STILL_SETTLING', 'The video changes just now. Try again in a moment.');
}

/** Null when its run is not what it was a moment ago. */
async function restoreOnce(deps: CheckpointDeps, videoId: string, name: string): Promise<Restoration | null> {
  const { gate, videos, tenant } = deps;
  const known = await checkpointsOf(deps, videoId);
  const point = named(known, name);
  const run = await lookUpRun(gate, videoId);
  if (run === null) throw historyGone();
  if (describedState(run).status === 'cancelling') throw stillCancelling();

  const { createdAt } = (await videos.find(tenant, videoId)) ?? identityOf(videoId, run);
  const attempt = restoredOf(run)?.attempt ?? 1;
  const parts = await keptParts(gate, videoId, { point, restored: { attempt: attempt + 1, createdAt } });
  if (parts === null) throw notReached(name, known);
  if (!isClosed(run.status.name)) {
    const accepted = await takeBack(gate, run, parts.kept);
    return accepted ? { status: 'running', runId: run.runId } : null;
  }
  await settleBranches(gate, videoId, attempt);
  await startAnew(gate, run, { tenant, ...parts });
  const begun = await findRun(gate, videoId);
  await videos.tellPresent(identityOf(videoId, begun), { ...describedState(begun), checkpoint: point.checkpoint });
  return { status: 'queued', runId: begun.runId };
}

/** False when the run ends, or has ended, by itself. */
async function takeBack(
  gate: TemporalGate,
  { workflowId, runId }: WorkflowExecutionDescription,
  kept: RestoredArguments,
): Promise<boolean> {
  try {
    await askWorker(gate, (client) =>
      client.workflow
        .getHandle(workflowId, runId)
        .executeUpdate(restoreUpdate, { args: kept })
        .catch((error: unknown) => {
          // In the gate's own words: nobody has answered in time.
          throw error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ? (error.cause ?? error) : error;
        }),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const why = error.cause instanceof ApplicationFailure ? error.cause.type : null;
    switch (why as (typeof RESTORE_REFUSALS)[number] | null) {
      case 'restoring':
        throw underWay(error);
      case 'cancelling':
        throw stillCancelling();
      case 'ending':
        return false;
      default:
        // It became another run before it could answer.
        return false;
    }
  }
}

async function startAnew(
  gate: TemporalGate,
  before: WorkflowExecutionDescription,
  { tenant, input, kept }: { tenant: string; input: GenerateVideoInput; kept: RestoredArguments },
): Promise<void> {
  const { bodyHash, requestId } = before.memo as unknown as VideoMemo;
  const memo = { bodyHash, requestId, restored: kept[0] } satisfies VideoMemo;
  const { videoId, spec } = input;
  try {
    await gate.call((client) =>
      client.workflow.start(GENERATE_VIDEO, {
        ...runOptions({ videoId, tenant, spec, memo }),
        // Of two who restore it at once, one does.
        ...{ workflowIdConflictPolicy: 'FAIL', workflowIdReusePolicy: 'ALLOW_DUPLICATE' },
        args: [input, ...kept],
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw underWay(error);
    throw error;
  }
}

const underWay = (cause: unknown): ApiError =>
  new ApiError('RESTORE_UNDER_WAY', 'The video is being restored already; restore it again when that has begun.', {
    cause,
  });

const stillCancelling = (): ApiError =>
  new ApiError('STILL_SETTLING', 'The video is being cancelled: restore it when that has ended, in some seconds.');
