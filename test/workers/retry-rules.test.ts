import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadConfig } from '../../src/config.ts';
import type { RetryStrategy } from '../../src/domain/config-files.ts';
import { retryDelayMs } from '../../src/workers/retry-rules.ts';

describe('retryDelayMs with the product’s own table', () => {
  const strategies = loadConfig({}).errorHandling.retry_strategies;
  const plan = (strategy: RetryStrategy, random: number) =>
    Array.from({ length: strategy.max_attempts }, (_, n) => retryDelayMs(strategy, n + 1, () => random) / 1000);

  it('is the origin documents’ plan', () => {
    assert.deepEqual(plan(strategies.network_errors, 1), [1, 2, 4, 8, 16]);
    assert.deepEqual(plan(strategies.network_errors, 0), [0.5, 1, 2, 4, 8]);
    assert.deepEqual(plan(strategies.api_rate_limit, 0), [5, 10, 15]);
    assert.deepEqual(plan(strategies.temporary_failures, 0), [2, 4, 8]);
  });
});

const strategy = fc.record({
  max_attempts: fc.integer({ min: 1, max: 100 }),
  backoff_strategy: fc.constantFrom('exponential' as const, 'linear' as const),
  base_delay: fc.double({ min: 0.01, max: 100, noNaN: true }),
  max_delay: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
  jitter: fc.boolean(),
});
const nth = fc.integer({ min: 1, max: 100 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retryDelayMs', () => {
  it('is whole milliseconds, never over the strategy’s longest delay, however late the attempt', () => {
    fc.assert(
      fc.property(strategy, nth, random, (rules, n, dice) => {
        const delay = retryDelayMs(rules, n, () => dice);
        assert.ok(Number.isInteger(delay) && delay >= 0 && delay <= Math.round(rules.max_delay * 1000), String(delay));
      }),
    );
  });

  it('never becomes shorter from one attempt to the next, but for jitter', () => {
    fc.assert(
      fc.property(strategy, nth, (rules, n) => {
        const delays = [n, n + 1].map((each) => retryDelayMs({ ...rules, jitter: false }, each));
        assert.ok(delays[0]! <= delays[1]!, String(delays));
      }),
    );
  });

  it('is, with jitter, between half of the plan and the plan', () => {
    fc.assert(
      fc.property(strategy, nth, random, (rules, n, dice) => {
        const planned = retryDelayMs({ ...rules, jitter: false }, n);
        const delay = retryDelayMs({ ...rules, jitter: true }, n, () => dice);
        assert.ok(delay >= Math.floor(planned / 2) && delay <= planned, `${delay} of ${planned}`);
      }),
    );
  });
});
