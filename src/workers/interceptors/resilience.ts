import { ApplicationFailure, type Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { progressOf } from '../../activities/report-progress.ts';
import { DatabaseUnavailable } from '../../database/errors.ts';
import type { RetryStrategies } from '../../domain/config-files.ts';
import { type OWN_ERRORS, PROVIDER_ERRORS, type ErrorClass } from '../../domain/error-table.ts';
import { CallDeferred, PermanentError, ProviderError } from '../../domain/errors.ts';
import { NoRoomError } from '../../store/no-room.ts';
import { deferralDelayMs } from '../deferral-delay.ts';
import { retryDelayMs } from '../retry-rules.ts';
import { attemptsLeft } from './attempt-limit.ts';

/**
 * Cancellation arrives with a heartbeat's answer: the time between two is part of how fast a cancel is. Each is a write of
 * the server's: what is done sooner need not say that it is at work.
 */
export const HEARTBEAT_MS = 1_000;

/** Between attempts while the database is away, or the disk full. */
const LONGEST_WAIT_MS = 16_000;

/** What this interceptor keeps in the heartbeat, since `info.attempt` counts all that happens together. */
export interface Beat {
  /** By class. */
  failures: Partial<Record<ErrorClass, number>>;
  /** Attempts that were put off: nothing was tried. */
  deferrals: number;
  /** The activity's own report. */
  progress: unknown;
}

type Counts = Pick<Beat, 'failures' | 'deferrals'>;

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
    const { heartbeatTimeoutMs, heartbeatDetails } = this.#context.info;
    if (heartbeatTimeoutMs === undefined) return this.#translated(() => next(input), { failures: {}, deferrals: 0 });
    const earlier = heartbeatDetails as Partial<Beat> | undefined;
    const counts: Counts = { failures: { ...earlier?.failures }, deferrals: earlier?.deferrals ?? 0 };
    const send = () => this.#context.heartbeat({ ...counts, progress: progressOf(this.#context) } satisfies Beat);
    // What earlier attempts have counted is handed on before anything can happen to this one.
    const first = earlier === undefined ? undefined : setTimeout(send, 0);
    const timer = setInterval(send, HEARTBEAT_MS);
    try {
      return await this.#translated(() => next(input), counts);
    } catch (error) {
      // The last word: a successor reads the counts from it.
      send();
      throw error;
    } finally {
      clearTimeout(first);
      clearInterval(timer);
    }
  }

  async #translated(run: () => Promise<unknown>, counts: Counts): Promise<unknown> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof CallDeferred) throw deferred(error, counts);
      const { attempt } = this.#context.info;
      if (error instanceof DatabaseUnavailable)
        throw awayFailure({ type: 'database_unavailable', message: error.message, code: error.code }, counts, attempt);
      if (error instanceof NoRoomError)
        throw awayFailure({ type: 'no_room', message: error.message, code: null }, counts, attempt);
      const failure = error instanceof ProviderError ? this.#failureOf(error, counts) : error;
      if (failure instanceof PermanentError) throw ApplicationFailure.nonRetryable(failure.message, failure.code);
      throw this.#isLast(counts) ? ApplicationFailure.fromError(failure as Error, { nonRetryable: true }) : failure;
    }
  }

  /** Temporal itself would go on: among its attempts it counts what was put off. A cancel is not a failure. */
  #isLast(counts: Counts): boolean {
    return attemptsLeft(this.#context.info, counts.deferrals) <= 1 && !this.#context.cancellationSignal.aborted;
  }

  #failureOf(error: ProviderError, { failures }: Counts): ApplicationFailure {
    const { kind, provider, code, httpStatus, retryAfterMs } = error.details;
    const details = [{ provider, code, httpStatus }];
    const errorClass = PROVIDER_ERRORS[kind].retry;
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

/** Nothing was tried: it uses no attempt. */
function deferred({ message, reason, until }: CallDeferred, counts: Counts): ApplicationFailure {
  counts.deferrals++;
  const nextRetryDelay = deferralDelayMs(until, Date.now());
  return ApplicationFailure.create({ message, type: reason, nextRetryDelay });
}

/** Something of ours is away, and nothing is wrong: tried again after 1, 2, 4, 8, and from then on 16 seconds. */
function awayFailure(
  { type, message, code }: { type: keyof typeof OWN_ERRORS; message: string; code: string | null },
  counts: Counts,
  attempt: number,
): ApplicationFailure {
  counts.deferrals++;
  const nextRetryDelay = Math.min(1_000 * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  return ApplicationFailure.create({ message, type, details: [{ code }], nextRetryDelay });
}
