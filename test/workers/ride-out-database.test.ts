import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { loadConfig } from '../../src/config.ts';
import { DatabaseUnavailable } from '../../src/database/errors.ts';
import { Resilience } from '../../src/workers/interceptors/resilience.ts';
import { RideOutDatabase } from '../../src/workers/interceptors/ride-out-database.ts';

const strategies = loadConfig({}).errorHandling.retry_strategies;
const away = () => Promise.reject(new DatabaseUnavailable('it cannot be reached', 'ECONNREFUSED'));

/** An attempt behind the worker's interceptors; `null`: an activity without heartbeats. */
function attempt(info: { attempt?: number; startToCloseTimeoutMs?: number; heartbeatTimeoutMs?: number | null }) {
  const { heartbeatTimeoutMs = 5_000, ...rest } = info;
  return new MockActivityEnvironment(
    { ...rest, ...(heartbeatTimeoutMs === null ? {} : { heartbeatTimeoutMs }) },
    {
      logger: new DefaultLogger('ERROR'),
      interceptors: [
        (context) => ({ inbound: new Resilience(context, strategies) }),
        (context) => ({ inbound: new RideOutDatabase(context) }),
      ],
    },
  );
}

const isAway = (nextRetryDelay: number) => (error: unknown) => {
  assert.ok(error instanceof ApplicationFailure);
  const { type, nonRetryable, nextRetryDelay: delay, details } = error;
  assert.deepEqual(
    { type, nonRetryable, delay, details },
    {
      type: 'database_unavailable',
      nonRetryable: false,
      delay: nextRetryDelay,
      details: [{ code: 'ECONNREFUSED' }],
    },
  );
  return true;
};

describe('while the database is away', () => {
  it('an activity waits in its attempt, and goes on when it is back', async () => {
    let tries = 0;
    const found = await attempt({ startToCloseTimeoutMs: 30_000 }).run(() =>
      ++tries < 3 ? away() : Promise.resolve('bought'),
    );
    assert.equal(found, 'bought');
    assert.equal(tries, 3);
  });

  it('it waits only for a part of the attempt’s time, and is then tried again', async () => {
    const startedAt = performance.now();
    await assert.rejects(attempt({ startToCloseTimeoutMs: 9_000, attempt: 2 }).run(away), isAway(2_000));
    assert.ok(performance.now() - startedAt < 8_500);
  });

  it('a short activity is tried again, later from time to time', async () => {
    for (const [n, delayMs] of [
      [1, 1_000],
      [3, 4_000],
      [5, 16_000],
      [40, 16_000],
    ] as const) {
      const environment = attempt({ heartbeatTimeoutMs: null, attempt: n });
      await assert.rejects(environment.run(away), isAway(delayMs));
    }
  });

  it('a cancel ends the wait', async () => {
    const environment = attempt({ startToCloseTimeoutMs: 60_000 });
    let tries = 0;
    const running = environment.run(() => {
      if (++tries === 2) setImmediate(() => environment.cancel());
      return away();
    });
    await assert.rejects(running, CancelledFailure);
    assert.equal(tries, 2);
  });
});
