import { WorkflowNotFoundError } from '@temporalio/client';
import type { GenerateVideoInput } from '../../domain/generate-video.ts';
import type { Restored } from '../../domain/checkpoint.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import type { RestoredArguments } from '../../workflows/kept.ts';
import { keptQuery, type RunParts } from '../../workflows/messages.ts';
import { ApiError } from '../api-error.ts';
import { isUnavailable, type TemporalGate } from '../temporal-gate.ts';
import type { KnownCheckpoint } from './checkpoints.ts';

/** A worker replays the run's history to answer. */
const WORKER_MS = 5_000;

/**
 * What a run had made up to a checkpoint, by its own account, as arguments of the run that goes on from there. Null when
 * it has not got there. @throws ApiError HISTORY_GONE, NO_WORKER, TEMPORAL_UNAVAILABLE
 */
export async function keptParts(
  gate: TemporalGate,
  videoId: string,
  { point, restored }: { point: KnownCheckpoint; restored: Omit<Restored, 'checkpoint'> },
): Promise<{ input: GenerateVideoInput; kept: RestoredArguments } | null> {
  const run = { gate, workflowId: workflowIdOf(videoId), runId: point.runId };
  const { checkpoint } = point;
  const [input, storyboard, assets, film] = await Promise.all([
    part(run, 'input'),
    part(run, 'storyboard'),
    checkpoint === 'after_script' ? null : part(run, 'assets'),
    checkpoint === 'after_compose' ? part(run, 'film') : null,
  ]);
  const isMissing =
    storyboard === null ||
    (checkpoint !== 'after_script' && assets === null) ||
    (checkpoint === 'after_compose' && film === null);
  return isMissing ? null : { input, kept: [{ ...restored, checkpoint }, storyboard, assets, film] };
}

async function part<Name extends keyof RunParts>(
  { gate, workflowId, runId }: { gate: TemporalGate; workflowId: string; runId: string },
  name: Name,
): Promise<RunParts[Name]> {
  try {
    return (await askWorker(gate, (client) =>
      client.workflow.getHandle(workflowId, runId).query(keptQuery, name),
    )) as RunParts[Name];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw historyGone();
    throw error;
  }
}

/** What only a worker can answer. Temporal itself has just answered. */
export async function askWorker<T>(gate: TemporalGate, ask: Parameters<typeof gate.call<T>>[0]): Promise<T> {
  try {
    return await gate.call(ask, WORKER_MS);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const message = 'No worker has answered for this video in time: it cannot be restored now. Try again.';
    throw new ApiError('NO_WORKER', message, { cause: error });
  }
}

export const historyGone = (): ApiError =>
  new ApiError(
    'HISTORY_GONE',
    'Temporal does not keep this run any more, and with it what it had made: the video cannot be restored. Ask for a new one.',
  );
