import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { reportProgress } from '../../src/activities/report-progress.ts';
import { loadConfig } from '../../src/config.ts';
import {
  PermanentError,
  ProviderError,
  PROVIDER_ERROR_KINDS,
  type ProviderErrorDetails,
  type ProviderErrorKind,
} from '../../src/domain/errors.ts';
import { type Beat, HEARTBEAT_MS, Resilience } from '../../src/workers/interceptors/resilience.ts';
import { gate } from '../ledger/shop.ts';

const strategies = loadConfig({}).errorHandling.retry_strategies;

/** One attempt; `earlier` is what the attempt before left in its last heartbeat. */
function attempt({ earlier, heartbeatTimeoutMs = 5_000 }: { earlier?: Beat; heartbeatTimeoutMs?: number | null } = {}) {
  const environment = new MockActivityEnvironment(
    { ...(heartbeatTimeoutMs === null ? {} : { heartbeatTimeoutMs }), heartbeatDetails: earlier },
    {
      logger: new DefaultLogger('ERROR'),
      interceptors: [(context) => ({ inbound: new Resilience(context, strategies) })],
    },
  );
  const beats: Beat[] = [];
  environment.on('heartbeat', (beat: Beat) => beats.push(beat));
  return {
    beats,
    cancel: () => environment.cancel(),
    run: <T>(activity: () => Promise<T>) => environment.run(activity),
  };
}

const fault = (kind: ProviderErrorKind, details: Partial<ProviderErrorDetails> = {}) =>
  new ProviderError(`a ${kind}`, {
    ...{ kind, provider: 'ark', code: 'ACode', httpStatus: 500, retryAfterMs: null, billed: 'no' as const },
    ...details,
  });

async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure> {
  try {
    await running;
  } catch (error) {
    assert.ok(error instanceof ApplicationFailure, String(error));
    return error;
  }
  return assert.fail('it did not fail');
}

describe('a provider’s error', () => {
  const expected: Record<ProviderErrorKind, 'for good' | [least: number, most: number]> = {
    network_error: [500, 1_000],
    rate_limit: [5_000, 5_000],
    temporary_failure: [2_000, 2_000],
    outcome_unknown: [2_000, 2_000],
    permanent: 'for good',
    content_rejected: 'for good',
    provider_auth: 'for good',
    quota: 'for good',
  };
  for (const kind of PROVIDER_ERROR_KINDS) {
    const means = expected[kind];
    it(`${kind} means ${means === 'for good' ? 'failed for good' : 'try again'}`, async () => {
      const failure = await failureOf(attempt().run(() => Promise.reject(fault(kind))));
      assert.deepEqual([failure.type, failure.message], [kind, `a ${kind}`]);
      assert.deepEqual(failure.details, [{ provider: 'ark', code: 'ACode', httpStatus: 500 }]);
      assert.equal(failure.nonRetryable, means === 'for good');
      if (means === 'for good') return;
      const delay = Number(failure.nextRetryDelay);
      assert.ok(delay >= means[0] && delay <= means[1], String(delay));
    });
  }

  it('is tried again when the provider says, sooner or later than planned', async () => {
    for (const retryAfterMs of [300, 90_000]) {
      for (const kind of ['rate_limit', 'temporary_failure', 'network_error'] as const) {
        const failure = await failureOf(attempt().run(() => Promise.reject(fault(kind, { retryAfterMs }))));
        assert.deepEqual([failure.nonRetryable, failure.nextRetryDelay], [false, retryAfterMs]);
      }
    }
  });

  it('is not tried again after as many attempts as its class has, whatever other errors came between', async () => {
    const kinds: ProviderErrorKind[] = [
      ...(['network_error', 'rate_limit', 'network_error', 'temporary_failure', 'outcome_unknown'] as const),
      ...(['network_error', 'rate_limit', 'network_error', 'network_error'] as const),
    ];
    let earlier: Beat | undefined;
    const outcomes: string[] = [];
    for (const kind of kinds) {
      const { run, beats } = attempt(earlier === undefined ? {} : { earlier });
      const failure = await failureOf(run(() => Promise.reject(fault(kind))));
      outcomes.push(failure.nonRetryable === true ? 'end' : 'again');
      earlier = beats.at(-1);
    }
    assert.deepEqual(outcomes, [...kinds.slice(1).map(() => 'again'), 'end']);
    assert.deepEqual(earlier?.failures, { network_errors: 5, api_rate_limit: 2, temporary_failures: 2 });
  });

  it('waits longer from attempt to attempt of its class', async () => {
    const delays: number[] = [];
    let earlier: Beat | undefined;
    for (let n = 0; n < 2; n++) {
      const { run, beats } = attempt(earlier === undefined ? {} : { earlier });
      delays.push(Number((await failureOf(run(() => Promise.reject(fault('rate_limit'))))).nextRetryDelay));
      earlier = beats.at(-1);
    }
    assert.deepEqual(delays, [5_000, 10_000]);
  });
});

describe('other errors', () => {
  it('of our own that nothing mends fail for good, by their code', async () => {
    const failure = await failureOf(
      attempt().run(() => Promise.reject(new PermanentError('storyboard_invalid', 'invalid twice'))),
    );
    assert.deepEqual(
      [failure.type, failure.message, failure.nonRetryable],
      ['storyboard_invalid', 'invalid twice', true],
    );
  });

  it('pass as they are, for Temporal’s own retry policy', async () => {
    const bug = new TypeError('x is not a function');
    await assert.rejects(
      attempt().run(() => Promise.reject(bug)),
      (error) => error === bug,
    );
  });
});

describe('a cancel', () => {
  it('passes as a cancellation, and not as a failure', async () => {
    const { run, cancel } = attempt();
    const running = run(() => Context.current().cancelled);
    cancel();
    await assert.rejects(running, CancelledFailure);
  });
});

describe('heartbeats', () => {
  afterEach(() => mock.timers.reset());

  it('come every second while the activity runs', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    assert.ok(HEARTBEAT_MS <= 1_000, 'a cancel is seen with the next heartbeat');
    const { run, beats } = attempt();
    const work = gate();
    const running = run(() => work.pass());
    await work.reached;
    mock.timers.tick(HEARTBEAT_MS);
    assert.equal(beats.length, 1);
    mock.timers.tick(3 * HEARTBEAT_MS);
    assert.equal(beats.length, 4);
    work.open();
    await running;
    mock.timers.tick(10 * HEARTBEAT_MS);
    assert.equal(beats.length, 4);
  });

  it('are not sent for what is done at once: each would be a write of the server’s', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    const { run, beats } = attempt();
    await run(() => Promise.resolve());
    mock.timers.tick(10 * HEARTBEAT_MS);
    assert.deepEqual(beats, []);
  });

  it('carry what the activity last reported', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const { run, beats } = attempt();
    await run(() => {
      reportProgress({ doneFrames: 1 });
      reportProgress({ doneFrames: 2 });
      mock.timers.tick(HEARTBEAT_MS);
      reportProgress({ doneFrames: 3 });
      return Promise.resolve();
    });
    assert.deepEqual(
      beats.map(({ progress }) => progress),
      [{ doneFrames: 2 }],
    );
  });

  it('of two activities at once carry each its own report', async () => {
    const all = await Promise.all(
      [1, 2].map(async (n) => {
        const { run, beats } = attempt();
        const failing = run(async () => {
          await Promise.resolve();
          reportProgress(n);
          throw new Error('The last word is sent when it fails.');
        });
        await assert.rejects(failing);
        return beats.at(-1)?.progress;
      }),
    );
    assert.deepEqual(all, [1, 2]);
  });

  it('hand the failures of earlier attempts on, at once', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    const { run, beats } = attempt({ earlier: { failures: { api_rate_limit: 2 }, deferrals: 1, progress: 'old' } });
    const work = gate();
    const running = run(() => work.pass());
    await work.reached;
    mock.timers.tick(1);
    assert.deepEqual(beats, [{ failures: { api_rate_limit: 2 }, deferrals: 1, progress: null }]);
    work.open();
    await running;
  });

  it('are not sent for an activity that has no heartbeat timeout; its errors are told all the same', async () => {
    const { run, beats } = attempt({ heartbeatTimeoutMs: null });
    const failure = await failureOf(run(() => Promise.reject(fault('quota'))));
    assert.deepEqual([failure.type, failure.nonRetryable], ['quota', true]);
    assert.deepEqual(beats, []);
  });
});
