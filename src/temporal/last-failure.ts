import type { Info } from '@temporalio/activity';
import type { AskTemporal } from './run-record.ts';

const HEARTBEAT = 4; // temporal.api.enums.v1.TimeoutType: what tells of a lost worker

/** Which limit the attempt before passed, by Temporal's account: an attempt that is cut off can say nothing itself. */
export type CutOff = 'worker_lost' | 'timeout';

export async function cutOffOf(askTemporal: AskTemporal, { workflowExecution, activityId }: Info): Promise<CutOff> {
  if (workflowExecution === undefined) return 'worker_lost';
  const { workflowId, runId } = workflowExecution;
  try {
    const { raw } = await askTemporal((client) => client.workflow.getHandle(workflowId, runId).describe());
    const pending = raw.pendingActivities?.find((activity) => activity.activityId === activityId);
    const limit = pending?.lastFailure?.timeoutFailureInfo?.timeoutType;
    return limit == null || limit === HEARTBEAT ? 'worker_lost' : 'timeout';
  } catch {
    // It ends either way: only the reason is less exact.
    return 'worker_lost';
  }
}
