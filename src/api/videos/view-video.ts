import { QueryNotRegisteredError, WorkflowFailedError, type WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { costToWire, degradationToWire, progressToWire, resultToWire } from '../../contract/to-wire.ts';
import type { Video } from '../../contract/video.ts';
import type { CancelledMemo } from '../../domain/generate-video.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { Cost } from '../../domain/ledger-line.ts';
import type { Progress } from '../../domain/progress.ts';
import { FailureReport, type VideoResult } from '../../domain/video-result.ts';
import { progressQuery } from '../../workflows/messages.ts';
import { isUnavailable, type TemporalGate } from '../temporal-gate.ts';
import { findRun } from './find-run.ts';
import { renderProgress } from './render-progress.ts';
import { describedState, isCancelRequested, isClosed, isWorkedOn } from './run-state.ts';

export interface ViewDeps {
  gate: TemporalGate;
  /** What a whole answer may take. */
  deadlineMs: number;
  /** Hears which run the answer is about. */
  onFound?: (runId: string) => void;
}

/** How a video stands: Temporal's word on the run first, then the run's own. */
export async function viewVideo(deps: ViewDeps, videoId: string, urlOf: (sha256: string) => string): Promise<Video> {
  const startedAt = Date.now();
  const run = await findRun(deps.gate, videoId);
  deps.onFound?.(run.runId);
  if (isClosed(run.status.name)) return closedVideo(deps, { run, videoId, urlOf });
  return activeVideo(deps, { run, videoId, remainingMs: deps.deadlineMs - (Date.now() - startedAt) });
}

async function activeVideo(
  deps: ViewDeps,
  { run, videoId, remainingMs }: { run: WorkflowExecutionDescription; videoId: string; remainingMs: number },
): Promise<Video> {
  const { status, stage, assetType } = describedState(run);
  const frame = { id: videoId, asset_type: assetType, created_at: run.startTime.toISOString(), finished_at: null };
  const [progress, render] = await Promise.all([
    askProgress(deps.gate, videoId, Math.max(remainingMs, 1)),
    renderProgress(deps.gate.client, run),
  ]);
  if (progress === null) {
    // No answer in time, yet a heartbeat: a worker lives, and is busy.
    const waiting = isWorkedOn(run, Date.now()) ? null : { reason: 'no_worker', until: null };
    return { ...frame, status: active(status), stage, waiting, progress: null };
  }
  return {
    ...frame,
    status: isCancelRequested(run) ? 'cancelling' : active(progress.status),
    stage: progress.stage,
    waiting: progress.waiting,
    progress: progressToWire(progress, render),
  };
}

/** Null when no worker answers in time. */
async function askProgress(gate: TemporalGate, videoId: string, deadlineMs: number): Promise<Progress | null> {
  try {
    return await gate.call(
      (client) => client.workflow.getHandle(workflowIdOf(videoId)).query(progressQuery),
      deadlineMs,
    );
  } catch (error) {
    if (isUnavailable(error) || error instanceof QueryNotRegisteredError) return null;
    throw error;
  }
}

/** A run under way says `success` for an instant before it closes: it is finished when Temporal says so. */
const active = (status: string): 'queued' | 'running' | 'cancelling' =>
  status === 'queued' || status === 'cancelling' ? status : 'running';

async function closedVideo(
  deps: ViewDeps,
  { run, videoId, urlOf }: { run: WorkflowExecutionDescription; videoId: string; urlOf: (sha256: string) => string },
): Promise<Video> {
  const { status, stage, assetType } = describedState(run);
  const frame = {
    id: videoId,
    stage,
    waiting: null,
    asset_type: assetType,
    created_at: run.startTime.toISOString(),
    finished_at: (run.closeTime ?? run.startTime).toISOString(),
    progress: null,
  };
  if (status === 'cancelled' || status === 'terminated') {
    const left = Cost.safeParse((run.memo as Partial<CancelledMemo> | undefined)?.cost);
    return { ...frame, status, cost: costToWire(left.data ?? null) };
  }
  if (run.status.name === 'TIMED_OUT') {
    const error = { code: 'RUN_TIMED_OUT', message: 'The run did not end within its time limit.' };
    return { ...frame, status: 'failed', error, degradations: [], cost: null };
  }
  const outcome = await outcomeOf(deps.gate, videoId);
  return outcome instanceof Error
    ? { ...frame, status: 'failed', ...failureToWire(outcome) }
    : { ...frame, stage: 'deliver', status: outcome.status, ...resultToWire(outcome, urlOf) };
}

async function outcomeOf(gate: TemporalGate, videoId: string): Promise<VideoResult | WorkflowFailedError> {
  try {
    return await gate.call(
      (client) => client.workflow.getHandle(workflowIdOf(videoId)).result() as Promise<VideoResult>,
    );
  } catch (error) {
    if (error instanceof WorkflowFailedError) return error;
    throw error;
  }
}

/** The run's own report where it left one. Without it nothing of the cause is told: it may hold a provider's raw text. */
function failureToWire({ cause }: WorkflowFailedError) {
  const failure = cause instanceof ApplicationFailure ? cause : null;
  const report = FailureReport.safeParse(failure?.details?.[0]);
  if (report.success) {
    const { code, message, degradations, cost } = report.data;
    return { error: { code, message }, degradations: degradations.map(degradationToWire), cost: costToWire(cost) };
  }
  const message = 'The run failed without a report; its history in Temporal has the cause.';
  return { error: { code: failure?.type ?? 'RUN_FAILED', message }, degradations: [], cost: null };
}
