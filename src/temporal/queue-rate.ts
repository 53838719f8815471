import type { Client } from '@temporalio/client';
import { ACTIVITY_TASKS } from './task-queue-types.ts';

/** Marks a limit as ours: one that an operator has set is left alone. */
const REASON = 'mcp-bridge adapts to the provider';

export interface QueueRate {
  /** Null: no limit. */
  perSecond: number | null;
  isOurs: boolean;
  /** Another one after each change, whoever made it. */
  version: string;
  /** Tasks a second that the server has given out of late, to all workers together. */
  dispatchedPerSecond: number;
}

/** How many activities of a queue the server gives out a second, to all workers together. */
export async function readQueueRate({ workflowService, options }: Client, queue: string): Promise<QueueRate> {
  const { config, stats } = await workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name: queue },
    taskQueueType: ACTIVITY_TASKS,
    ...{ reportConfig: true, reportStats: true },
  });
  const { rateLimit, metadata } = config?.queueRateLimit ?? {};
  const { seconds, nanos } = metadata?.updateTime ?? {};
  return {
    perSecond: rateLimit?.requestsPerSecond ?? null,
    isOurs: metadata?.reason === REASON,
    version: `${String(seconds ?? 0)}.${nanos ?? 0}`,
    dispatchedPerSecond: stats?.tasksDispatchRate ?? 0,
  };
}

/** Null lifts the limit. */
export async function writeQueueRate(
  { workflowService, options }: Client,
  queue: string,
  perSecond: number | null,
): Promise<void> {
  await workflowService.updateTaskQueueConfig({
    namespace: options.namespace,
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    taskQueue: queue,
    taskQueueType: ACTIVITY_TASKS,
    updateQueueRateLimit: {
      ...(perSecond === null ? {} : { rateLimit: { requestsPerSecond: perSecond } }),
      reason: REASON,
    },
  });
}
