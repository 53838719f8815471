import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { WorkerMetrics } from '../worker-metrics.ts';

/** Counts the activities under way, by task queue, and how they end. */
export class ActiveTasks implements ActivityInboundCallsInterceptor {
  readonly #context: Context;
  readonly #metrics: WorkerMetrics;

  constructor(context: Context, metrics: WorkerMetrics) {
    this.#context = context;
    this.#metrics = metrics;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const { taskQueue, activityType } = this.#context.info;
    this.#metrics.active.inc({ queue: taskQueue });
    const stop = this.#metrics.seconds.startTimer({ activity: activityType });
    try {
      return await next(input);
    } catch (error) {
      this.#metrics.failures.inc({ activity: activityType });
      throw error;
    } finally {
      stop();
      this.#metrics.active.dec({ queue: taskQueue });
    }
  }
}
