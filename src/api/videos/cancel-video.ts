import { WorkflowNotFoundError, type WorkflowExecutionDescription } from '@temporalio/client';
import { workflowIdOf } from '../../domain/ids.ts';
import type { VideoStatus } from '../../domain/progress.ts';
import { ApiError } from '../api-error.ts';
import type { TemporalGate } from '../temporal-gate.ts';
import { findRun } from './find-run.ts';
import { describedState } from '../../temporal/run-state.ts';

export interface Cancellation {
  status: 'cancelling' | 'cancelled';
  run: WorkflowExecutionDescription;
  /** False when somebody had asked before. */
  requested: boolean;
}

/** Asks the run to end. Asking twice is harmless. @throws ApiError ALREADY_FINISHED, VIDEO_NOT_FOUND */
export async function cancelVideo(gate: TemporalGate, videoId: string): Promise<Cancellation> {
  const run = await findRun(gate, videoId);
  const { status } = describedState(run);
  switch (status) {
    case 'cancelling':
    case 'cancelled':
      return { status, run, requested: false };
    case 'queued':
    case 'running':
      return (await requestCancel(gate, videoId))
        ? { status: 'cancelling', run, requested: true }
        : cancelVideo(gate, videoId);
    default:
      throw alreadyFinished(status);
  }
}

/** False when the run closed just before. */
async function requestCancel(gate: TemporalGate, videoId: string): Promise<boolean> {
  try {
    await gate.call((client) => client.workflow.getHandle(workflowIdOf(videoId)).cancel());
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

export const alreadyFinished = (status: VideoStatus): ApiError =>
  new ApiError('ALREADY_FINISHED', `The video has ended (${status}); there is nothing to cancel.`);
