import type { RetryStrategy } from '../domain/config-files.ts';

/** Delay before the next attempt, in milliseconds, after the nth failure of its class (from 1). */
export function retryDelayMs(strategy: RetryStrategy, nth: number, random: () => number = Math.random): number {
  const planned =
    strategy.backoff_strategy === 'linear' ? strategy.base_delay * nth : strategy.base_delay * 2 ** (nth - 1);
  const seconds = Math.min(planned, strategy.max_delay);
  // Full jitter above half, so that many runs that failed together do not come back together.
  return Math.round(seconds * 1000 * (strategy.jitter ? 0.5 + random() / 2 : 1));
}
