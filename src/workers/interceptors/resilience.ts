import { ApplicationFailure, type Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { progressOf } from '../../activities/report-progress.ts';
import type { RetryStrategies } from '../../domain/config-files.ts';
import { DatabaseUnavailable } from '../../database/errors.ts';
import { PermanentError, ProviderError } from '../../domain/errors.ts';
import { errorClassOf, retryDelayMs, type ErrorClass } from '../retry-rules.ts';

/** Cancellation arrives with a heartbeat's answer: the time between two is part of how fast a cancel is. */
export const HEARTBEAT_MS = 1_000;

/** Between attempts while the database is away. */
const LONGEST_WAIT_MS = 16_000;

/** What this interceptor keeps in the heartbeat: failures by class, since `info.attempt` counts them all together. */
export interface Beat {
  failures: Partial<Record<ErrorClass, number>>;
  /** The activity's own report. */
  progress: unknown;
}

/**
 * The one place where an error becomes a retry: heartbeats while the activity runs, counts its failures by class, and
 * turns a provider's error into a failure that says whether and when it is tried again.
 */
export class Resilience implements ActivityInboundCallsInterceptor {
  readonly #context: Context;
  readonly #strategies: RetryStrategies;

  constructor(context: Context, strategies: RetryStrategies) {
    this.#context = context;
    this.#strategies = strategies;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    if (this.#context.info.heartbeatTimeoutMs === undefined) return this.#translated(input, next, {});
    const earlier = this.#context.info.heartbeatDetails as Beat | undefined;
    const failures = { ...earlier?.failures };
    const send = () => this.#context.heartbeat({ failures, progress: progressOf(this.#context) } satisfies Beat);
    const timer = setInterval(send, HEARTBEAT_MS);
    send();
    try {
      return await this.#translated(input, next, failures);
    } finally {
      clearInterval(timer);
      // The last word: a successor reads the counts from it.
      send();
    }
  }

  async #translated(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
    failures: Beat['failures'],
  ): Promise<unknown> {
    try {
      return await next(input);
    } catch (error) {
      if (error instanceof ProviderError) throw this.#failureOf(error, failures);
      if (error instanceof DatabaseUnavailable) throw awayFailure(error, this.#context.info.attempt);
      if (error instanceof PermanentError) throw ApplicationFailure.nonRetryable(error.message, error.code);
      throw error;
    }
  }

  #failureOf(error: ProviderError, failures: Beat['failures']): ApplicationFailure {
    const { kind, provider, code, httpStatus, retryAfterMs } = error.details;
    const details = [{ provider, code, httpStatus }];
    const errorClass = errorClassOf(kind);
    if (errorClass === null)
      return ApplicationFailure.create({ message: error.message, type: kind, details, nonRetryable: true });
    const strategy = this.#strategies[errorClass];
    const nth = (failures[errorClass] ?? 0) + 1;
    failures[errorClass] = nth;
    return ApplicationFailure.create({
      message: error.message,
      type: kind,
      details,
      nonRetryable: nth >= strategy.max_attempts,
      nextRetryDelay: retryAfterMs ?? retryDelayMs(strategy, nth),
    });
  }
}

/** Nothing was bought and nothing is wrong: tried again after 1, 2, 4, 8, and from then on 16 seconds. */
function awayFailure({ message, code }: DatabaseUnavailable, attempt: number): ApplicationFailure {
  const nextRetryDelay = Math.min(1_000 * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  return ApplicationFailure.create({ message, type: 'database_unavailable', details: [{ code }], nextRetryDelay });
}
