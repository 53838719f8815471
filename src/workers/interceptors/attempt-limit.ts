import { ApplicationFailure, type Context, type Info } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { attemptsIn } from '../../domain/attempts.ts';
import { OWN_ERRORS } from '../../domain/error-table.ts';
import type { CutOff } from '../../temporal/last-failure.ts';
import type { Beat } from './resilience.ts';

/** Attempts in earnest that are left, this one included; what was put off does not count. */
export function attemptsLeft({ attempt, retryPolicy }: Info, deferrals: number): number {
  const most = attemptsIn(retryPolicy?.maximumAttempts);
  return most === null ? Infinity : most - (attempt - 1 - deferrals);
}

/**
 * Ends an activity whose attempts were used up by being cut off, as by lost workers: only a successor can say so, and
 * Temporal would go on, since it counts what was put off among the attempts.
 */
export class AttemptLimit implements ActivityInboundCallsInterceptor {
  readonly #context: Context;
  readonly #cutOffOf: (info: Info) => Promise<CutOff>;

  /** `cutOffOf` tells which limit the attempt before passed. */
  constructor(context: Context, cutOffOf: (info: Info) => Promise<CutOff>) {
    this.#context = context;
    this.#cutOffOf = cutOffOf;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const { info } = this.#context;
    const earlier = info.heartbeatDetails as Partial<Beat> | undefined;
    if (attemptsLeft(info, earlier?.deferrals ?? 0) > 0) return next(input);
    const code = await this.#cutOffOf(info);
    throw ApplicationFailure.nonRetryable(OWN_ERRORS[code].meaning, code);
  }
}
