import type { WorkflowExecutionStatusName } from '@temporalio/client';
import { ASSET_TYPE_WORDS } from '../../contract/video-request.ts';
import type { VideoListQuery, VideoSummary } from '../../contract/video.ts';
import { videoIdOf } from '../../domain/ids.ts';
import type { VideoStatus } from '../../domain/progress.ts';
import type { TemporalGate } from '../temporal-gate.ts';
import { GENERATE_VIDEO } from './start-video.ts';
import { isoTime, saidOf, type RawRun } from '../../temporal/listed-run.ts';
import { runState } from '../../temporal/run-state.ts';

/**
 * A page of Temporal's visibility, which lags a second or so behind the runs; `pageToken` is Temporal's own. Of a video that
 * was restored the present run comes first; a later page may have an earlier one.
 */
export async function listRuns(
  gate: TemporalGate,
  { tenant, query, pageToken }: { tenant: string; query: VideoListQuery; pageToken: Buffer },
): Promise<{ videos: VideoSummary[]; nextPageToken: Buffer }> {
  const page = await gate.call((client) =>
    client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      pageSize: query.limit,
      nextPageToken: pageToken,
      query: filter(tenant, query),
    }),
  );
  return {
    videos: newestOfEach((page.executions ?? []).flatMap(summary)).sort((a, b) =>
      b.created_at.localeCompare(a.created_at),
    ),
    nextPageToken: Buffer.from(page.nextPageToken ?? []),
  };
}

/** How many runs of videos have not ended, by the same account. */
export async function countRuns(gate: TemporalGate, tenant: string): Promise<number> {
  const query = `WorkflowType = '${GENERATE_VIDEO}' AND tenant = '${tenant}' AND ExecutionStatus = 'Running'`;
  return (await gate.call((client) => client.workflow.count(query))).count;
}

/** Running ones are listed first, then those that ended last. */
const newestOfEach = (runs: VideoSummary[]): VideoSummary[] =>
  runs.filter(({ id }, index) => runs.findIndex((run) => run.id === id) === index);

/** Values are our own words, never a person's. */
function filter(tenant: string, query: VideoListQuery): string {
  const parts = [`WorkflowType = '${GENERATE_VIDEO}'`, `tenant = '${tenant}'`, `ExecutionStatus != 'ContinuedAsNew'`];
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
  const execution = EXECUTION_STATUS[run.status ?? 1] ?? 'RUNNING';
  const state = runState(execution, {
    status: saidOf(run, 'status'),
    stage: saidOf(run, 'stage'),
    assetType: saidOf(run, 'assetType'),
  });
  return [
    {
      id,
      status: state.status,
      stage: state.stage,
      asset_type: state.assetType,
      title: null,
      created_at: isoTime(run.startTime) ?? new Date(0).toISOString(),
      finished_at: isoTime(run.closeTime),
    },
  ];
}
