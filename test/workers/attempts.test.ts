import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Context, type Info } from '@temporalio/activity';
import { ActivityFailure, ApplicationFailure, type Client, WorkflowFailedError } from '@temporalio/client';
import { loadConfig } from '../../src/config.ts';
import { DatabaseUnavailable } from '../../src/database/errors.ts';
import { CallDeferred, ProviderError } from '../../src/domain/errors.ts';
import { cutOffOf } from '../../src/temporal/last-failure.ts';
import { AttemptLimit } from '../../src/workers/interceptors/attempt-limit.ts';
import { Resilience } from '../../src/workers/interceptors/resilience.ts';
import { quietRuntime } from '../replay/quiet-runtime.ts';
import type { runCapped } from './fixtures/workflows.ts';
import { startWorkerUnderTest } from './worker-under-test.ts';

const ATTEMPTS = 3;
const circuitOpen = () => new CallDeferred('open', { reason: 'circuit_open', until: Date.now() });
const busy = () =>
  new ProviderError('down', {
    ...{ kind: 'network_error', provider: 'ark', code: null, httpStatus: null, billed: 'no' },
    retryAfterMs: 1,
  });

const calls: Record<string, number> = {};
const nth = (name: string) => (calls[name] = (calls[name] ?? 0) + 1);
/** For the activities that stop beating: the interceptor beats for them, unless its heart is stopped. */
const withoutBeats = (context: Context) => Object.assign(context, { heartbeatFn: () => {} });

const activities = {
  /** Put off more often than it has attempts, then made. */
  async patient(): Promise<string> {
    if (nth('patient') <= 2 * ATTEMPTS) throw circuitOpen();
    return 'made';
  },
  /** Put off between failures: only those count. */
  async unlucky(): Promise<string> {
    throw nth('unlucky') % 2 === 0 ? circuitOpen() : busy();
  },
  async withoutDatabase(): Promise<string> {
    if (nth('withoutDatabase') <= 2) throw new DatabaseUnavailable('away');
    throw busy();
  },
  async faulty(): Promise<string> {
    nth('faulty');
    throw new TypeError('x is not a function');
  },
  /** Longer than its time limit, beating. */
  async slow(): Promise<string> {
    nth('slow');
    return Context.current().cancelled;
  },
  /** Put off once, then on workers that are gone. */
  async lost(): Promise<string> {
    if (nth('lost') === 1) throw circuitOpen();
    withoutBeats(Context.current());
    return Context.current().cancelled;
  },
};
export type CappedActivities = typeof activities;

/** Temporal counts what was put off among the attempts; the product does not. */
describe('attempts in earnest', { concurrency: true }, () => {
  let client: Client;
  let stop: () => Promise<void>;

  before(async () => {
    quietRuntime();
    const strategies = loadConfig({}).errorHandling.retry_strategies;
    ({ client, stop } = await startWorkerUnderTest({
      taskQueue: 'attempts',
      activities,
      interceptors: (asked) => [
        (context) => ({ inbound: new AttemptLimit(context, (info: Info) => cutOffOf((ask) => ask(asked), info)) }),
        (context) => ({ inbound: new Resilience(context, strategies) }),
      ],
    }));
  });
  after(() => stop());

  const run = async (name: keyof CappedActivities): Promise<string> =>
    client.workflow.execute<typeof runCapped>('runCapped', {
      ...{ taskQueue: 'attempts', workflowId: `attempts-${name}`, args: [name, ATTEMPTS] },
    });

  async function typeOfFailure(name: keyof CappedActivities): Promise<string> {
    try {
      return assert.fail(`it was made: ${await run(name)}`);
    } catch (error) {
      if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ActivityFailure)) throw error;
      assert.ok(error.cause.cause instanceof ApplicationFailure, String(error.cause.cause));
      return error.cause.cause.type ?? '';
    }
  }

  it('are not used up by what is put off', async () => {
    assert.equal(await run('patient'), 'made');
    assert.equal(calls['patient'], 2 * ATTEMPTS + 1);
  });

  it('are counted across what is put off', async () => {
    assert.equal(await typeOfFailure('unlucky'), 'network_error');
    assert.equal(calls['unlucky'], 2 * ATTEMPTS - 1);
  });

  it('are not used up by a database that is away', async () => {
    assert.equal(await typeOfFailure('withoutDatabase'), 'network_error');
    assert.equal(calls['withoutDatabase'], 2 + ATTEMPTS);
  });

  it('limit what fails for no known reason', async () => {
    assert.equal(await typeOfFailure('faulty'), 'TypeError');
    assert.equal(calls['faulty'], ATTEMPTS);
  });

  it('are used up by time limits, and told so', async () => {
    assert.equal(await typeOfFailure('slow'), 'timeout');
    assert.equal(calls['slow'], ATTEMPTS);
  });

  it('are used up by lost workers, and told so', async () => {
    assert.equal(await typeOfFailure('lost'), 'worker_lost');
    assert.equal(calls['lost'], 1 + ATTEMPTS);
  });
});
