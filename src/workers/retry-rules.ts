import type { RetryStrategies, RetryStrategy } from '../domain/config-files.ts';
import type { ProviderErrorKind } from '../domain/errors.ts';

export type ErrorClass = keyof RetryStrategies;

/** Which retry strategy serves an error; null: no repetition mends it. */
export function errorClassOf(kind: ProviderErrorKind): ErrorClass | null {
  switch (kind) {
    case 'network_error':
      return 'network_errors';
    case 'rate_limit':
      return 'api_rate_limit';
    case 'temporary_failure':
    case 'outcome_unknown': // The desk decides whether there is a second purchase; this only says when.
      return 'temporary_failures';
    case 'permanent':
    case 'content_rejected':
    case 'provider_auth':
    case 'quota':
      return null;
  }
}

/** Delay before the next attempt, in milliseconds, after the nth failure of its class (from 1). */
export function retryDelayMs(strategy: RetryStrategy, nth: number, random: () => number = Math.random): number {
  const planned =
    strategy.backoff_strategy === 'linear' ? strategy.base_delay * nth : strategy.base_delay * 2 ** (nth - 1);
  const seconds = Math.min(planned, strategy.max_delay);
  // Full jitter above half, so that many runs that failed together do not come back together.
  return Math.round(seconds * 1000 * (strategy.jitter ? 0.5 + random() / 2 : 1));
}
