import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Breakers, type CallSeen } from '../../src/breakers/breakers.ts';
import { loadConfig } from '../../src/config.ts';
import { CircuitBreakerFile } from '../../src/domain/config-files.ts';
import { PROVIDER_ERRORS } from '../../src/domain/error-table.ts';
import {
  CallDeferred,
  PermanentError,
  PROVIDER_ERROR_KINDS,
  ProviderError,
  type ProviderErrorKind,
} from '../../src/domain/errors.ts';
import type { Channel, Service } from '../../src/domain/service.ts';
import { gate } from '../ledger/shop.ts';

const PICTURES: Service = 'doubao_text2image';
const config = loadConfig({}).circuitBreakers;

const fault = (kind: ProviderErrorKind, retryAfterMs: number | null = null) =>
  new ProviderError(`a ${kind}`, {
    ...{ kind, provider: 'ark', code: null, httpStatus: null, retryAfterMs },
    billed: PROVIDER_ERRORS[kind].billed,
  });

/** One call from asking to leaving, as the desk makes it. */
async function call<T>(breakers: Breakers, work: () => Promise<T>, service: Service = PICTURES): Promise<T> {
  const admission = breakers.admit(service);
  try {
    return await admission.send(work);
  } finally {
    admission.leave();
  }
}

async function failing(breakers: Breakers, kind: ProviderErrorKind, service?: Service): Promise<void> {
  const error = fault(kind);
  await assert.rejects(
    call(breakers, () => Promise.reject(error), service),
    (thrown) => thrown === error,
  );
}

const well = (breakers: Breakers, service?: Service) => call(breakers, () => Promise.resolve('well'), service);
const stateOf = (breakers: Breakers, name: string) => breakers.report().find((breaker) => breaker.name === name);
const deferredUntil =
  (until: number, reason = 'circuit_open') =>
  (error: unknown) => {
    assert.ok(error instanceof CallDeferred, String(error));
    assert.deepEqual([error.reason, error.until], [reason, until]);
    return true;
  };

describe('a circuit breaker', () => {
  const START = 1_000_000;
  beforeEach(() => mock.timers.enable({ apis: ['Date', 'setTimeout'], now: START }));
  afterEach(() => mock.timers.reset());

  const opened = async (breakers = new Breakers(config)) => {
    for (let n = 0; n < config.services.doubao_text2image.failure_threshold; n++)
      await failing(breakers, 'temporary_failure');
    return breakers;
  };

  it('opens after as many failures in a row as its service has, and says until when', async () => {
    const breakers = new Breakers(config);
    await failing(breakers, 'network_error');
    await failing(breakers, 'temporary_failure');
    await well(breakers);
    await failing(breakers, 'outcome_unknown');
    await failing(breakers, 'temporary_failure');
    assert.equal(stateOf(breakers, PICTURES)?.state, 'closed');
    await failing(breakers, 'network_error');
    const until = START + 60_000;
    assert.deepEqual(stateOf(breakers, PICTURES), { name: PICTURES, state: 'open', until });
    assert.throws(() => breakers.admit(PICTURES), deferredUntil(until));
    await well(breakers, 'doubao_speech');
  });

  for (const kind of PROVIDER_ERROR_KINDS) {
    const opens = PROVIDER_ERRORS[kind].breaks !== 'nothing';
    it(`is ${opens ? '' : 'not '}fed by ${kind}`, async () => {
      const breakers = new Breakers(config);
      for (let n = 0; n < 3; n++) {
        await failing(breakers, kind);
        mock.timers.tick(2_000); // after a 429 it is left alone for a moment
      }
      assert.equal(stateOf(breakers, PICTURES)?.state, opens ? 'open' : 'closed');
    });
  }

  it('is not fed by faults of our own', async () => {
    const breakers = new Breakers(config);
    const own = () => call(breakers, () => Promise.reject(new PermanentError('unknown_voice', 'no such voice')));
    for (let n = 0; n < 5; n++) await assert.rejects(own(), PermanentError);
    assert.equal(stateOf(breakers, PICTURES)?.state, 'closed');
  });

  it('lets one call try when its time has come, puts the others off, and closes when that one is well', async () => {
    const breakers = await opened();
    mock.timers.tick(59_999);
    assert.throws(() => breakers.admit(PICTURES), CallDeferred);
    mock.timers.tick(1);
    assert.equal(stateOf(breakers, PICTURES)?.state, 'half_open');
    const answer = gate();
    const trial = call(breakers, async () => answer.pass());
    await answer.reached;
    assert.throws(() => breakers.admit(PICTURES), deferredUntil(Date.now() + 5_000));
    answer.open();
    await trial;
    assert.equal(stateOf(breakers, PICTURES)?.state, 'closed');
    await Promise.all([well(breakers), well(breakers)]);
  });

  it('opens again when the try fails, for as long as before', async () => {
    const breakers = await opened();
    mock.timers.tick(60_000);
    await failing(breakers, 'network_error');
    assert.deepEqual(stateOf(breakers, PICTURES), { name: PICTURES, state: 'open', until: START + 120_000 });
  });

  it('closes when the provider answers with a refusal: it is there', async () => {
    for (const kind of ['rate_limit', 'content_rejected', 'provider_auth'] as const) {
      const breakers = await opened(new Breakers(config));
      mock.timers.tick(60_000);
      await failing(breakers, kind);
      assert.equal(stateOf(breakers, PICTURES)?.state, 'closed');
    }
  });

  it('stays to be tried when nothing was sent after all', async () => {
    const breakers = await opened();
    mock.timers.tick(60_000);
    breakers.admit(PICTURES).leave();
    assert.equal(stateOf(breakers, PICTURES)?.state, 'half_open');
    await well(breakers);
    assert.equal(stateOf(breakers, PICTURES)?.state, 'closed');
  });

  it('sends nothing for a call that was let in before it opened', async () => {
    const breakers = new Breakers(config);
    const early = breakers.admit(PICTURES);
    await opened(breakers);
    let sent = 0;
    await assert.rejects(
      early.send(() => Promise.resolve(sent++)),
      deferredUntil(START + 60_000),
    );
    assert.equal(sent, 0);
  });

  it('counts a call as failed once it takes too long, and does not end it', async () => {
    const breakers = new Breakers(config);
    const answers = [gate(), gate(), gate()];
    const calls = answers.map((answer) => call(breakers, () => answer.pass().then(() => 'late')));
    await Promise.all(answers.map(({ reached }) => reached));
    mock.timers.tick(44_999);
    await Promise.resolve();
    assert.equal(stateOf(breakers, PICTURES)?.state, 'closed');
    mock.timers.tick(1);
    while (stateOf(breakers, PICTURES)?.state === 'closed') await Promise.resolve();
    for (const answer of answers) answer.open();
    assert.deepEqual(await Promise.all(calls), ['late', 'late', 'late']);
    assert.equal(stateOf(breakers, PICTURES)?.state, 'open', 'an answer that is late does not close it');
  });
});

describe('a channel’s breaker', () => {
  it('opens for all its services when the way is broken, and lets its own number of calls try', async () => {
    const settings = structuredClone(config);
    settings.http_channel = {
      failure_threshold: 4,
      timeout_seconds: 30,
      half_open_max_calls: 2,
      recovery_timeout: 0.05,
    };
    const breakers = new Breakers(settings);
    for (let n = 0; n < 2; n++) {
      await failing(breakers, 'network_error', 'doubao_text2image');
      await failing(breakers, 'outcome_unknown', 'doubao_speech');
    }
    assert.equal(stateOf(breakers, 'doubao_chat')?.state, 'closed');
    assert.throws(() => breakers.admit('doubao_chat'), CallDeferred);

    while (stateOf(breakers, 'http_channel')?.state === 'open') await new Promise(setImmediate);
    const answer = gate();
    const first = call(breakers, () => answer.pass(), 'doubao_chat');
    const second = call(breakers, () => answer.pass(), 'doubao_chat');
    assert.throws(() => breakers.admit('doubao_chat'), CallDeferred);
    answer.open();
    await Promise.all([first, second]);
    assert.equal(stateOf(breakers, 'http_channel')?.state, 'closed');
  });

  it('does not open for calls that take as long as their service may', async () => {
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_000_000 });
    try {
      const settings = structuredClone(config);
      settings.http_channel.failure_threshold = 2;
      const breakers = new Breakers(settings);
      assert.ok(settings.http_channel.timeout_seconds < settings.services.doubao_text2image.timeout_seconds);
      const answers = [gate(), gate(), gate()];
      const calls = answers.map((answer) => call(breakers, () => answer.pass()));
      mock.timers.tick((settings.services.doubao_text2image.timeout_seconds - 1) * 1000);
      for (const answer of answers) answer.open();
      await Promise.all(calls);
      assert.equal(stateOf(breakers, 'http_channel')?.state, 'closed');
    } finally {
      mock.timers.reset();
    }
  });

  it('does not open for a fault that a service reports itself', async () => {
    const breakers = new Breakers(config);
    const services: Service[] = ['doubao_chat', 'doubao_text2image', 'doubao_speech'];
    for (let n = 0; n < 9; n++) await failing(breakers, 'temporary_failure', services[Math.floor(n / 3)]);
    assert.deepEqual(
      breakers
        .report()
        .filter(({ state }) => state === 'open')
        .map(({ name }) => name)
        .sort(),
      [...services].sort(),
    );
  });
});

describe('a service that two channels lead to', () => {
  const over = async (breakers: Breakers, channel: Channel, work: () => Promise<unknown>) => {
    const admission = breakers.admit(PICTURES, channel);
    await admission.send(work).finally(() => admission.leave());
  };
  const both = () => new Breakers(config, { severalWays: [PICTURES] });

  for (const channel of ['mcp_channel', 'http_channel'] as const)
    it(`is not blamed for ${channel}: that one alone is left`, async () => {
      const breakers = both();
      const threshold = config[channel].failure_threshold;
      for (let n = 0; n < threshold; n++)
        await assert.rejects(over(breakers, channel, () => Promise.reject(fault('network_error'))));
      assert.deepEqual([stateOf(breakers, channel)?.state, stateOf(breakers, PICTURES)?.state], ['open', 'closed']);
      assert.throws(() => breakers.admit(PICTURES, channel), CallDeferred);
      const other = channel === 'mcp_channel' ? 'http_channel' : 'mcp_channel';
      await over(breakers, other, () => Promise.resolve('well'));
    });

  it('is blamed for what it says itself, over whichever channel', async () => {
    const breakers = both();
    for (const channel of ['mcp_channel', 'http_channel', 'mcp_channel'] as const)
      await assert.rejects(over(breakers, channel, () => Promise.reject(fault('temporary_failure'))));
    assert.equal(stateOf(breakers, PICTURES)?.state, 'open');
    assert.throws(() => breakers.admit(PICTURES, 'http_channel'), CallDeferred);
  });

  it('is not blamed for slowness over MCP, and is over HTTP', async () => {
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_000_000 });
    try {
      for (const [channel, state] of [
        ['mcp_channel', 'closed'],
        ['http_channel', 'open'],
      ] as const) {
        const breakers = both();
        const answers = [gate(), gate(), gate()];
        const calls = answers.map((answer) => over(breakers, channel, () => answer.pass()));
        mock.timers.tick(config.mcp_channel.timeout_seconds * 1000);
        for (const answer of answers) answer.open();
        await Promise.all(calls);
        assert.equal(stateOf(breakers, PICTURES)?.state, state, channel);
      }
    } finally {
      mock.timers.reset();
    }
  });
});

describe('a provider that has had enough', () => {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: 5_000 }));
  afterEach(() => mock.timers.reset());

  it('is left alone for a moment when it does not say how long', async () => {
    const breakers = new Breakers(config);
    await assert.rejects(
      call(breakers, () => Promise.reject(fault('rate_limit'))),
      ProviderError,
    );
    assert.throws(() => breakers.admit(PICTURES), deferredUntil(7_000, 'rate_limit'));
    mock.timers.tick(2_000);
    await well(breakers);
  });

  it('is left alone by all until it said, and nobody else is', async () => {
    const seen: CallSeen[] = [];
    const breakers = new Breakers(config, { onCall: (call) => seen.push(call) });
    await assert.rejects(
      call(breakers, () => Promise.reject(fault('rate_limit', 7_000))),
      ProviderError,
    );
    assert.throws(() => breakers.admit(PICTURES), deferredUntil(12_000, 'rate_limit'));
    await well(breakers, 'doubao_speech');
    mock.timers.tick(7_000);
    await well(breakers);
    assert.deepEqual(seen, [
      { service: PICTURES, isRateLimited: true },
      { service: 'doubao_speech', isRateLimited: false },
      { service: PICTURES, isRateLimited: false },
    ]);
  });
});

describe('circuit_breaker_config.yaml', () => {
  it('in the origin documents’ own words has all it needs', () => {
    const origin = {
      mcp_channel: { failure_threshold: 5, timeout_seconds: 60, half_open_max_calls: 3, recovery_timeout: 300 },
      http_channel: { failure_threshold: 8, timeout_seconds: 30, half_open_max_calls: 5, recovery_timeout: 180 },
      services: {
        doubao_text2image: { failure_threshold: 3, timeout_seconds: 45 },
        doubao_text2video: { failure_threshold: 3, timeout_seconds: 90 },
        capcut_render: { failure_threshold: 2, timeout_seconds: 300 },
      },
    };
    assert.deepEqual(CircuitBreakerFile.parse({ circuit_breaker: origin }).circuit_breaker, config);
    assert.equal(config.services.doubao_text2image.recovery_timeout, 60);
  });
});
