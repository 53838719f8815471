import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { ORCHESTRATION, type Queue } from '../domain/queues.ts';
import { ACTIVITY_TASKS, WORKFLOW_TASKS } from './task-queue-types.ts';

/** What waits on a queue, and how fast it comes and goes. */
export interface DescribedQueue {
  backlogTasks: number;
  /** How long the oldest has waited. */
  backlogSeconds: number;
  addedPerSecond: number;
  dispatchedPerSecond: number;
  /** Null: no limit. */
  limitPerSecond: number | null;
}

/** Workflow tasks and activities together, as far as the queue has both. Temporal counts approximately. */
export async function describeQueue(client: Client, queue: Queue): Promise<DescribedQueue> {
  const types = queue === ORCHESTRATION ? ([WORKFLOW_TASKS, ACTIVITY_TASKS] as const) : ([ACTIVITY_TASKS] as const);
  const parts = await Promise.all(types.map((type) => describePart(client, { queue, type })));
  return parts.reduce((sum, part) => ({
    backlogTasks: sum.backlogTasks + part.backlogTasks,
    backlogSeconds: Math.max(sum.backlogSeconds, part.backlogSeconds),
    addedPerSecond: sum.addedPerSecond + part.addedPerSecond,
    dispatchedPerSecond: sum.dispatchedPerSecond + part.dispatchedPerSecond,
    limitPerSecond: part.limitPerSecond ?? sum.limitPerSecond,
  }));
}

async function describePart(
  { workflowService, options }: Client,
  { queue, type }: { queue: Queue; type: 1 | 2 },
): Promise<DescribedQueue> {
  const { stats, config } = await workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name: queue },
    taskQueueType: type,
    ...{ reportConfig: true, reportStats: true },
  });
  return {
    backlogTasks: Number(stats?.approximateBacklogCount ?? 0),
    backlogSeconds: secondsOf(stats?.approximateBacklogAge),
    addedPerSecond: stats?.tasksAddRate ?? 0,
    dispatchedPerSecond: stats?.tasksDispatchRate ?? 0,
    limitPerSecond: config?.queueRateLimit?.rateLimit?.requestsPerSecond ?? null,
  };
}

type Duration = NonNullable<temporal.api.taskqueue.v1.ITaskQueueStats['approximateBacklogAge']>;

const secondsOf = (duration: Duration | null | undefined): number =>
  Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;
