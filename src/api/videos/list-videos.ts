import { createHmac } from 'node:crypto';
import type { WorkflowExecutionStatusName } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { ASSET_TYPE_WORDS } from '../../contract/video-request.ts';
import type { VideoList, VideoListQuery, VideoSummary } from '../../contract/video.ts';
import { videoIdOf } from '../../domain/ids.ts';
import type { VideoStatus } from '../../domain/progress.ts';
import { fieldError } from '../api-error.ts';
import type { TemporalGate } from '../temporal-gate.ts';
import { GENERATE_VIDEO } from './start-video.ts';
import { runState } from './run-state.ts';

type RawRun = temporal.api.workflow.v1.IWorkflowExecutionInfo;

export interface ListDeps {
  gate: TemporalGate;
  secret: string;
}

/** From Temporal's visibility, which lags a second or so behind the runs. */
export async function listVideos(deps: ListDeps, tenant: string, query: VideoListQuery): Promise<VideoList> {
  const runs = filter(tenant, query);
  const sealing = { runs, secret: deps.secret };
  const page = await deps.gate.call((client) =>
    client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      pageSize: query.limit,
      nextPageToken: query.cursor === undefined ? new Uint8Array() : tokenOf(query.cursor, sealing),
      query: runs,
    }),
  );
  const token = Buffer.from(page.nextPageToken ?? []);
  return {
    videos: (page.executions ?? []).flatMap(summary).sort((a, b) => b.created_at.localeCompare(a.created_at)),
    next_cursor: token.length === 0 ? null : cursorOf(token, sealing),
  };
}

interface Sealing {
  runs: string;
  secret: string;
}

const SEAL_BYTES = 12;

/** Temporal's page token under our seal: Temporal answers a token that is not its own, or of another query, as if it were ill. */
const cursorOf = (token: Buffer, sealing: Sealing): string =>
  Buffer.concat([seal(token, sealing), token]).toString('base64url');

function tokenOf(cursor: string, sealing: Sealing): Buffer {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(SEAL_BYTES);
  if (bytes.subarray(0, SEAL_BYTES).equals(seal(token, sealing))) return token;
  throw fieldError('INVALID_REQUEST', 'cursor', 'must be the next_cursor of an earlier answer to the same query');
}

const seal = (token: Buffer, { runs, secret }: Sealing): Buffer =>
  createHmac('sha256', secret).update(`cursor\0${runs}\0`).update(token).digest().subarray(0, SEAL_BYTES);

/** Values are our own words, never a person's. */
function filter(tenant: string, query: VideoListQuery): string {
  const parts = [`WorkflowType = '${GENERATE_VIDEO}'`, `tenant = '${tenant}'`];
  if (query.asset_type !== undefined) parts.push(`assetType = '${ASSET_TYPE_WORDS[query.asset_type]}'`);
  if (query.status !== undefined) parts.push(STATUS_FILTERS[query.status]);
  return parts.join(' AND ');
}

const STATUS_FILTERS: Record<VideoStatus, string> = {
  queued: `ExecutionStatus = 'Running' AND status = 'queued'`,
  running: `ExecutionStatus = 'Running' AND status = 'running'`,
  cancelling: `ExecutionStatus = 'Running' AND status = 'cancelling'`,
  success: `ExecutionStatus = 'Completed' AND status != 'partial'`,
  partial: `ExecutionStatus = 'Completed' AND status = 'partial'`,
  failed: `ExecutionStatus IN ('Failed', 'TimedOut')`,
  cancelled: `ExecutionStatus = 'Canceled'`,
  terminated: `ExecutionStatus = 'Terminated'`,
};

/** temporal.api.enums.v1.WorkflowExecutionStatus, in the client's words. */
const EXECUTION_STATUS: Record<number, WorkflowExecutionStatusName> = {
  1: 'RUNNING',
  2: 'COMPLETED',
  3: 'FAILED',
  4: 'CANCELLED',
  5: 'TERMINATED',
  7: 'TIMED_OUT',
};

function summary(run: RawRun): VideoSummary[] {
  const id = videoIdOf(run.execution?.workflowId ?? '');
  if (id === null) return [];
  const said = (name: string): string | undefined => {
    const payload = run.searchAttributes?.indexedFields?.[name];
    return payload == null ? undefined : defaultPayloadConverter.fromPayload(payload);
  };
  const execution = EXECUTION_STATUS[run.status ?? 1] ?? 'RUNNING';
  const state = runState(execution, { status: said('status'), stage: said('stage'), assetType: said('assetType') });
  return [
    {
      id,
      status: state.status,
      stage: state.stage,
      asset_type: state.assetType,
      created_at: isoTime(run.startTime) ?? new Date(0).toISOString(),
      finished_at: isoTime(run.closeTime),
    },
  ];
}

const isoTime = (time: RawRun['startTime']): string | null =>
  time == null ? null : new Date(Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6).toISOString();
