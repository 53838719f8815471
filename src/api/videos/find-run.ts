import type { WorkflowExecutionDescription } from '@temporalio/client';
import { VIDEO_ID_PATTERN } from '../../domain/ids.ts';
import { describeRun } from '../../temporal/run-record.ts';
import { ApiError } from '../api-error.ts';
import type { TemporalGate } from '../temporal-gate.ts';

/** The run of a video. @throws ApiError VIDEO_NOT_FOUND */
export async function findRun(gate: TemporalGate, videoId: string): Promise<WorkflowExecutionDescription> {
  const run = VIDEO_ID_PATTERN.test(videoId) ? await lookUpRun(gate, videoId) : null;
  if (run === null) throw notFound();
  return run;
}

/** The run of a video; null when there is none. */
export const lookUpRun = (gate: TemporalGate, videoId: string): Promise<WorkflowExecutionDescription | null> =>
  describeRun((ask) => gate.call(ask), videoId);

export const notFound = (): ApiError =>
  new ApiError('VIDEO_NOT_FOUND', 'There is no video with this id, or it is older than what is kept.');
