import { isGrpcServiceError } from '@temporalio/client';
import type { Config } from '../../config.ts';
import type { Check } from '../../contract/health.ts';
import { CAPCUT, ORCHESTRATION, RENDER } from '../../domain/queues.ts';
import type { TemporalGate } from '../temporal-gate.ts';

/** Workers beat every 10 s; one that missed two is gone. */
const HEARD_WITHIN_MS = 25_000;
/** Where workers cannot be listed, only their long polls of up to a minute tell of them. */
const POLLED_WITHIN_MS = 75_000;
const MAX_WORKERS = 1000;
// Of temporal.api.enums.v1: WorkerStatus, TaskQueueType; and gRPC's status of a method that is switched off.
const RUNNING = 1;
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;
const UNIMPLEMENTED = 12;

export interface WorkersDeps {
  gate: TemporalGate;
  config: Pick<Config, 'parallel'>;
  clock: () => Date;
}

/** Whether every queue a video needs has a living worker; the message names those that have none. */
export async function checkWorkers({ gate, config, clock }: WorkersDeps, withinMs: number): Promise<Check> {
  const queues = queuesOfAVideo(config);
  const unserved = await gate.call(async (client) => {
    const nowMs = clock().getTime();
    const listed = await listWorkers(client);
    const beating = new Set(listed?.filter((worker) => isLiving(worker, nowMs)).map(({ queue }) => queue));
    const known = new Set(listed?.map(({ identity }) => identity));
    const seen = { sinceMs: nowMs - (listed === null ? POLLED_WITHIN_MS : HEARD_WITHIN_MS), except: known };
    const silent = queues.filter((queue) => !beating.has(queue));
    // A worker that has just started polls before its first beat.
    const polled = await Promise.all(silent.map((queue) => isPolled(client, queue, seen)));
    return silent.filter((_, index) => polled[index] === false);
  }, withinMs);
  return unserved.length === 0
    ? { ok: true, message: `Workers serve ${queues.join(', ')}` }
    : {
        ok: false,
        message: `No worker serves the ${unserved.length === 1 ? 'queue' : 'queues'} ${unserved.join(', ')}: start one`,
      };
}

function queuesOfAVideo({ parallel }: WorkersDeps['config']): string[] {
  const branches = [parallel.audio_branch.queue_name, parallel.visual_branch.queue_name];
  return [...new Set([ORCHESTRATION, ...branches, RENDER, CAPCUT])];
}

interface ListedWorker {
  identity: string;
  queue: string;
  isRunning: boolean;
  beatAtMs: number;
}

type Client = TemporalGate['client'];

/** What workers said of themselves; null where the server does not keep it. */
async function listWorkers({ workflowService, options }: Client): Promise<ListedWorker[] | null> {
  try {
    const { workersInfo } = await workflowService.listWorkers({ namespace: options.namespace, pageSize: MAX_WORKERS });
    return (workersInfo ?? []).map(({ workerHeartbeat: beat }) => ({
      identity: beat?.workerIdentity ?? '',
      queue: beat?.taskQueue ?? '',
      isRunning: beat?.status === RUNNING,
      beatAtMs: Number(beat?.heartbeatTime?.seconds ?? 0) * 1000,
    }));
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === UNIMPLEMENTED) return null;
    throw error;
  }
}

const isLiving = ({ isRunning, beatAtMs }: ListedWorker, nowMs: number): boolean =>
  isRunning && nowMs - beatAtMs < HEARD_WITHIN_MS;

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
