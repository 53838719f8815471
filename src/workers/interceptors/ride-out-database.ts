import { log, type Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from '../../database/errors.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4_000;
/** Of the time an attempt may take; the rest is for what it is there for. */
const SHARE_OF_ATTEMPT = 2 / 3;

/**
 * Waits inside of the attempt while the database is away, and begins it anew: a scene has three attempts for all that can
 * happen to it, and an outage of half a minute should not use them up. Nothing was sent without the database, and what
 * was answered before is found again. Only for activities that heartbeat: the others may take little time.
 */
export class RideOutDatabase implements ActivityInboundCallsInterceptor {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const { heartbeatTimeoutMs, startToCloseTimeoutMs } = this.#context.info;
    if (heartbeatTimeoutMs === undefined) return next(input);
    const end = Date.now() + startToCloseTimeoutMs * SHARE_OF_ATTEMPT;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await next(input);
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable) || Date.now() + pauseMs > end) throw error;
        if (pauseMs === FIRST_PAUSE_MS) log.warn('The database is away: the activity waits', { code: error.code });
      }
      // A cancel ends the wait; the activity itself says how it is cancelled.
      await sleep(pauseMs, undefined, { signal: this.#context.cancellationSignal }).catch(() => {});
      if (this.#context.cancellationSignal.aborted) await this.#context.cancelled;
    }
  }
}
