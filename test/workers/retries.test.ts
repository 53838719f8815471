import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Context } from '@temporalio/activity';
import { ActivityFailure, ApplicationFailure, type Client, WorkflowFailedError } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { loadConfig } from '../../src/config.ts';
import { ProviderError, type ProviderErrorKind } from '../../src/domain/errors.ts';
import { Resilience } from '../../src/workers/interceptors/resilience.ts';
import { gate } from '../ledger/shop.ts';
import type { runStubborn } from './fixtures/workflows.ts';
import { startWorkerUnderTest } from './worker-under-test.ts';

/** Provider errors in the order they come; the last one repeats. Each says "at once", so that the test need not wait. */
const SEQUENCES = {
  busy: ['rate_limit'],
  mixed: ['network_error', 'rate_limit', 'temporary_failure', 'rate_limit', 'rate_limit'],
  refused: ['temporary_failure', 'content_rejected'],
} satisfies Record<string, ProviderErrorKind[]>;

const calls: Record<string, number> = {};
const errorOf = (kind: ProviderErrorKind) =>
  new ProviderError(`a ${kind}`, {
    ...{ kind, provider: 'ark', code: null, httpStatus: null, billed: 'no' },
    retryAfterMs: 1,
  });
const failing = (name: keyof typeof SEQUENCES) => (): Promise<string> => {
  const kinds: ProviderErrorKind[] = SEQUENCES[name];
  const n = (calls[name] = (calls[name] ?? 0) + 1);
  return Promise.reject(errorOf(kinds[n - 1] ?? kinds.at(-1)!));
};

const startOfWait = gate();
const activities = {
  busy: failing('busy'),
  mixed: failing('mixed'),
  refused: failing('refused'),
  /** Told when to come back, and comes. */
  async patient(): Promise<string> {
    const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
    if (attempt > 1) return String(currentAttemptScheduledTimestampMs - scheduledTimestampMs);
    return Promise.reject(new ProviderError('busy', { ...errorOf('rate_limit').details, retryAfterMs: 700 }));
  },
  /** Never heartbeats itself, and ends only when it hears of a cancel. */
  async untilCancelled(): Promise<string> {
    const { cancellationSignal, info } = Context.current();
    void startOfWait.pass();
    await new Promise<void>((resolve) => cancellationSignal.addEventListener('abort', () => resolve()));
    return `settled in attempt ${info.attempt}`;
  },
};
export type StubbornActivities = typeof activities;

/** A real Temporal server and worker: what the interceptor says must be what the server does. */
describe('retries by error class', { concurrency: true }, () => {
  let client: Client;
  let stop: () => Promise<void>;

  before(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const strategies = loadConfig({}).errorHandling.retry_strategies;
    ({ client, stop } = await startWorkerUnderTest({
      taskQueue: 'retries',
      activities,
      interceptors: () => [(context) => ({ inbound: new Resilience(context, strategies) })],
    }));
  });
  after(() => stop());

  const start = (name: keyof StubbornActivities) =>
    client.workflow.start<typeof runStubborn>('runStubborn', {
      taskQueue: 'retries',
      workflowId: `retries-${name}`,
      args: [name],
    });

  async function failureOf(name: keyof StubbornActivities): Promise<ApplicationFailure> {
    try {
      await (await start(name)).result();
    } catch (error) {
      if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ActivityFailure)) throw error;
      assert.ok(error.cause.cause instanceof ApplicationFailure);
      return error.cause.cause;
    }
    return assert.fail('it did not fail');
  }

  it('end after as many as the class has', async () => {
    assert.equal((await failureOf('busy')).type, 'rate_limit');
    assert.equal(calls['busy'], 3);
  });

  it('are counted by class: others between do not use them up', async () => {
    assert.equal((await failureOf('mixed')).type, 'rate_limit');
    assert.equal(calls['mixed'], SEQUENCES.mixed.length);
  });

  it('end at once with an error that no repetition mends', async () => {
    assert.equal((await failureOf('refused')).type, 'content_rejected');
    assert.equal(calls['refused'], 2);
  });

  it('come when the provider has said', async () => {
    const waitedMs = Number(await (await start('patient')).result());
    assert.ok(waitedMs >= 700, `${waitedMs} ms`);
  });

  it('are not what a cancel causes: the running attempt hears of it and settles', async () => {
    const handle = await start('untilCancelled');
    await startOfWait.reached;
    await handle.cancel();
    assert.equal(await handle.result(), 'settled in attempt 1');
  });
});
