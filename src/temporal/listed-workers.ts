import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { ORCHESTRATION } from '../domain/queues.ts';
import { ACTIVITY_TASKS, WORKFLOW_TASKS } from './task-queue-types.ts';

/** Workers beat every 10 s; one that missed two is gone. */
const HEARD_WITHIN_MS = 25_000;
/** Where workers cannot be listed, only their long polls of up to a minute tell of them. */
const POLLED_WITHIN_MS = 75_000;
const MAX_WORKERS = 1000;
// temporal.api.enums.v1.WorkerStatus; and gRPC's status of a method that is switched off.
const RUNNING = 1;
const UNIMPLEMENTED = 12;

/** One queue of a worker process, as the process has last said of itself. */
export interface ListedWorker {
  /** The same for all queues of a process. */
  identity: string;
  queue: string;
  /** It has not said that it stops. */
  isRunning: boolean;
  beatAtMs: number;
  /** Activities under way, and how many there may be. */
  used: number;
  slots: number;
  /** Since the process started. */
  processed: number;
  failed: number;
  /** Null where the worker does not say. */
  startedAtMs: number | null;
  /** Of its machine, 0 to 1; null where it does not say. */
  hostCpu: number | null;
  hostMemory: number | null;
}

/** What workers said of themselves; null where the server does not keep it. */
export async function listWorkers({ workflowService, options }: Client): Promise<ListedWorker[] | null> {
  try {
    const { workersInfo } = await workflowService.listWorkers({ namespace: options.namespace, pageSize: MAX_WORKERS });
    return (workersInfo ?? []).map(({ workerHeartbeat }) => listed(workerHeartbeat ?? {}));
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === UNIMPLEMENTED) return null;
    throw error;
  }
}

function listed(beat: temporal.api.worker.v1.IWorkerHeartbeat): ListedWorker {
  const { activityTaskSlotsInfo: slotsInfo, hostInfo, startTime } = beat;
  const used = slotsInfo?.currentUsedSlots ?? 0;
  return {
    identity: beat.workerIdentity ?? '',
    queue: beat.taskQueue ?? '',
    isRunning: beat.status === RUNNING,
    beatAtMs: Number(beat.heartbeatTime?.seconds ?? 0) * 1000,
    used,
    slots: used + (slotsInfo?.currentAvailableSlots ?? 0),
    processed: slotsInfo?.totalProcessedTasks ?? 0,
    failed: slotsInfo?.totalFailedTasks ?? 0,
    startedAtMs: startTime?.seconds == null ? null : Number(startTime.seconds) * 1000,
    hostCpu: hostInfo?.currentHostCpuUsage ?? null,
    hostMemory: hostInfo?.currentHostMemUsage ?? null,
  };
}

export const isLiving = ({ isRunning, beatAtMs }: ListedWorker, nowMs: number): boolean =>
  isRunning && nowMs - beatAtMs < HEARD_WITHIN_MS;

/** Those of the queues that no living worker serves. */
export async function unservedQueues(client: Client, queues: readonly string[], nowMs: number): Promise<string[]> {
  const workers = await listWorkers(client);
  const beating = new Set(workers?.filter((worker) => isLiving(worker, nowMs)).map(({ queue }) => queue));
  const known = new Set(workers?.map(({ identity }) => identity));
  const seen = { sinceMs: nowMs - (workers === null ? POLLED_WITHIN_MS : HEARD_WITHIN_MS), except: known };
  const silent = queues.filter((queue) => !beating.has(queue));
  // A worker that has just started polls before its first beat.
  const polled = await Promise.all(silent.map((queue) => isPolled(client, queue, seen)));
  return silent.filter((_, index) => polled[index] === false);
}

/** Whether somebody has asked for this queue's tasks of late. Who beats is not meant: its beats tell more. */
async function isPolled(
  { workflowService, options }: Client,
  queue: string,
  { sinceMs, except }: { sinceMs: number; except: ReadonlySet<string> },
): Promise<boolean> {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name: queue },
    taskQueueType: queue === ORCHESTRATION ? WORKFLOW_TASKS : ACTIVITY_TASKS,
  });
  return (pollers ?? []).some(
    ({ identity, lastAccessTime }) =>
      !except.has(identity ?? '') && Number(lastAccessTime?.seconds ?? 0) * 1000 > sinceMs,
  );
}
