import {
  type Client,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Restored } from '../domain/checkpoint.ts';
import type { CancelledMemo, VideoMemo } from '../domain/generate-video.ts';
import { LOCAL_TENANT, workflowIdOf } from '../domain/ids.ts';
import { Cost } from '../domain/ledger-line.ts';
import type { VideoEnding, VideoFailure, VideoIdentity, VideoRecord } from '../domain/video-record.ts';
import { FailureReport, type VideoResult } from '../domain/video-result.ts';
import { describedState, isClosed } from './run-state.ts';
import { searchAttributes } from './search-attributes.ts';

/** Asks Temporal something, within whatever time and limits the process allows. */
export type AskTemporal = <T>(ask: (client: Client) => Promise<T>) => Promise<T>;

/** The run of a video; null when Temporal has none (any more). */
export async function describeRun(
  askTemporal: AskTemporal,
  videoId: string,
): Promise<WorkflowExecutionDescription | null> {
  try {
    return await askTemporal((client) => client.workflow.getHandle(workflowIdOf(videoId)).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

export function identityOf(videoId: string, run: WorkflowExecutionDescription): VideoIdentity {
  return {
    id: videoId,
    tenant: run.typedSearchAttributes.get(searchAttributes.tenant) ?? LOCAL_TENANT,
    runId: run.runId,
    runStartedAt: run.startTime.toISOString(),
    assetType: describedState(run).assetType,
    createdAt: restoredOf(run)?.createdAt ?? run.startTime.toISOString(),
  };
}

/** Null of a video's first run. */
export const restoredOf = (run: WorkflowExecutionDescription): Restored | null =>
  (run.memo as Partial<VideoMemo> | undefined)?.restored ?? null;

/** A video as Temporal alone knows it; of one under way, what only its run could tell is missing. */
export async function recordOfRun(
  askTemporal: AskTemporal,
  videoId: string,
  run: WorkflowExecutionDescription,
): Promise<VideoRecord> {
  const { status, stage } = describedState(run);
  const open = { status, stage, result: null, failure: null, cost: null, finishedAt: null };
  const told = isClosed(run.status.name) ? await endingOf(askTemporal, run) : open;
  return { ...identityOf(videoId, run), progress: null, title: told.result?.title ?? null, ...told };
}

/** How a closed run ended. */
export async function endingOf(askTemporal: AskTemporal, run: WorkflowExecutionDescription): Promise<VideoEnding> {
  const { status, stage } = describedState(run);
  const finishedAt = (run.closeTime ?? run.startTime).toISOString();
  const ending = { status, stage, result: null, failure: null, cost: null, finishedAt };
  if (status === 'cancelled' || status === 'terminated') {
    const left = Cost.safeParse((run.memo as Partial<CancelledMemo> | undefined)?.cost);
    return { ...ending, cost: left.data ?? null };
  }
  if (run.status.name === 'TIMED_OUT') return { ...ending, failure: TIMED_OUT };
  const outcome = await outcomeOf(askTemporal, run);
  if (outcome instanceof WorkflowFailedError) return { ...ending, ...failureOf(outcome) };
  return { ...ending, status: outcome.status, stage: 'deliver', result: outcome };
}

const TIMED_OUT: VideoFailure = {
  code: 'RUN_TIMED_OUT',
  message: 'The run did not end within its time limit.',
  degradations: [],
};

/** Of this run, whatever others its video has had since. */
async function outcomeOf(
  askTemporal: AskTemporal,
  { workflowId, runId }: WorkflowExecutionDescription,
): Promise<VideoResult | WorkflowFailedError> {
  const options = { followRuns: false };
  try {
    return await askTemporal(
      (client) => client.workflow.getHandle(workflowId, runId, options).result() as Promise<VideoResult>,
    );
  } catch (error) {
    if (error instanceof WorkflowFailedError) return error;
    throw error;
  }
}

/** The run's own report where it left one. Without it nothing of the cause is told: it may hold a provider's raw text. */
function failureOf({ cause }: WorkflowFailedError): { failure: VideoFailure; cost: Cost | null } {
  const failure = cause instanceof ApplicationFailure ? cause : null;
  const report = FailureReport.safeParse(failure?.details?.[0]);
  if (report.success) {
    const { cost, ...told } = report.data;
    return { failure: told, cost };
  }
  const message = 'The run failed without a report; its history in Temporal has the cause.';
  return { failure: { code: failure?.type ?? 'RUN_FAILED', message, degradations: [] }, cost: null };
}
