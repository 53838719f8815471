import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { z } from 'zod';
import type { Waiting } from '../domain/progress.ts';
import type { AskTemporal } from './run-record.ts';

export type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;
type Timestamp = NonNullable<PendingActivity['lastHeartbeatTime']>;

/** Activities under way beat once a second: one begun or heard of just now proves a living worker, however slow to answer. */
const HEARD_WITHIN_MS = 5_000;

/** temporal.api.enums.v1.PendingActivityState: nobody has taken it, or it waits for its next attempt. */
const SCHEDULED = 1;

/** Codes of ours; whatever else a failure is called says nothing to the outside. */
const Code = z.string().regex(/^[a-z]+(_[a-z]+)*$/);

/** What a run and its branches have under way, by Temporal's own account: no worker is asked. */
export async function pendingWork(
  askTemporal: AskTemporal,
  run: WorkflowExecutionDescription,
): Promise<PendingActivity[]> {
  const branches = await Promise.all(
    (run.raw.pendingChildren ?? []).map(({ workflowId, runId }) =>
      askTemporal((client) => client.workflow.getHandle(workflowId ?? '', runId ?? '').describe()).then(
        ({ raw }) => raw.pendingActivities ?? [],
        // It has closed since, or Temporal is slow: the run's own word is enough.
        () => [],
      ),
    ),
  );
  return [...(run.raw.pendingActivities ?? []), ...branches.flat()];
}

export const isWorkedOn = (work: readonly PendingActivity[], nowMs: number): boolean =>
  work.some(({ state, lastStartedTime: begun, lastHeartbeatTime: beat }) =>
    [beat, state === SCHEDULED ? null : begun].some((at) => at != null && nowMs - msOf(at) < HEARD_WITHIN_MS),
  );

/**
 * Why a run stands still: nothing is under way, and something waits for another attempt; until the first of those, null
 * when its time has come and only its turn has not.
 */
export function waitOf(work: readonly PendingActivity[], nowMs: number): Waiting | null {
  if (work.some(({ state }) => state !== SCHEDULED)) return null;
  const waiting = work
    .filter(({ attempt }) => (attempt ?? 1) > 1)
    .map(({ nextAttemptScheduleTime: next, lastFailure }) => ({
      at: next == null ? 0 : msOf(next),
      reason: Code.safeParse(lastFailure?.applicationFailureInfo?.type).data ?? 'retry',
    }));
  const first = waiting.filter(({ at }) => at > nowMs).sort((a, b) => a.at - b.at)[0];
  if (first !== undefined) return { reason: first.reason, until: new Date(first.at).toISOString() };
  // Held back with others of its queue: of all other reasons only a moment is left.
  return waiting.some(({ reason }) => reason === 'rate_limit') ? { reason: 'rate_limit', until: null } : null;
}

/** A worker takes a task at once; what waits longer waits for a worker, or for a slot of one. */
const TAKEN_WITHIN_MS = 3_000;

/** Queues of what is due, and was not taken by anybody for a while. */
export const untakenQueues = (work: readonly PendingActivity[], nowMs: number): string[] => {
  const due = work.filter(({ state, scheduledTime: at, nextAttemptScheduleTime: next }) => {
    const dueAt = Math.max(at == null ? 0 : msOf(at), next == null ? 0 : msOf(next));
    return state === SCHEDULED && dueAt > 0 && nowMs - dueAt > TAKEN_WITHIN_MS;
  });
  return [...new Set(due.flatMap(({ activityOptions }) => activityOptions?.taskQueue?.name ?? []))];
};

/**
 * Until when, in ms since 1970, any of it stood in line behind others' work: now where it still does, null where all was
 * taken at once. What a queue that nobody serves keeps waiting stands in no line.
 */
export function inLineUntil(
  work: readonly PendingActivity[],
  { unserved, nowMs }: { unserved: readonly string[]; nowMs: number },
): number | null {
  if (untakenQueues(work, nowMs).some((queue) => !unserved.includes(queue))) return nowMs;
  const begun = work.flatMap(({ state, scheduledTime, lastStartedTime }) => {
    if (state === SCHEDULED || scheduledTime == null || lastStartedTime == null) return [];
    const [dueAt, begunAt] = [msOf(scheduledTime), msOf(lastStartedTime)];
    return begunAt - dueAt > TAKEN_WITHIN_MS ? [begunAt] : [];
  });
  return begun.length === 0 ? null : Math.max(...begun);
}

const msOf = ({ seconds, nanos }: Timestamp): number => Number(seconds ?? 0) * 1000 + Math.floor((nanos ?? 0) / 1e6);
