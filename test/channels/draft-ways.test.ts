import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Breakers } from '../../src/breakers/breakers.ts';
import { draftBy, insteadOf, type DraftWays } from '../../src/channels/draft-ways.ts';
import { loadConfig } from '../../src/config.ts';
import { CallDeferred, PermanentError, ProviderError } from '../../src/domain/errors.ts';
import { capcutError } from '../../src/providers/capcut/capcut-errors.ts';
import type { Capcut } from '../../src/providers/capcut/interfaces.ts';

const { errorHandling, circuitBreakers } = loadConfig({});
const strategy = errorHandling.fallback_strategies.project_creation;
const down = () => capcutError({ kind: 'network_error', code: 'ECONNREFUSED' }, 'could not be reached');
const server = (): Capcut => ({ begin: () => assert.fail('the way itself decides here') });

/** Two servers and our own hand; `over` says what a server does. */
function ways(changes: Partial<DraftWays<string>> = {}): DraftWays<string> {
  return {
    ...{ strategy, guard: new Breakers(circuitBreakers), signal: new AbortController().signal, withinMs: 180_000 },
    capcut: { mcp_channel: server(), http_channel: server() },
    over: () => Promise.reject(down()),
    byHand: () => Promise.resolve('ours'),
    ...changes,
  };
}

describe('a draft', () => {
  it('comes by the first server that makes one, whatever the fault of the one before', async () => {
    for (const fault of [down(), new PermanentError('asset_missing', 'gone'), new Error('a bug')]) {
      let calls = 0;
      const over = () => (calls++ === 0 ? Promise.reject(fault) : Promise.resolve('theirs'));
      const served = await draftBy(ways({ over }));
      assert.deepEqual([served.channel, served.answer], ['http_channel', 'theirs']);
      assert.equal(insteadOf(served)?.channel, 'mcp_channel');
    }
  });

  it('is ours at last, and the first way that is configured is told', async () => {
    const served = await draftBy(ways());
    assert.equal(served.channel, 'local_draft');
    assert.deepEqual(insteadOf(served), { channel: 'mcp_channel', why: 'network_error' });
    const alone = await draftBy(ways({ capcut: {} }));
    assert.deepEqual([alone.channel, insteadOf(alone)], ['local_draft', null]);
  });

  it('is not made another way when it is cancelled', async () => {
    const cancelling = new AbortController();
    const reason = new Error('cancelled');
    const over = (): Promise<string> => {
      cancelling.abort(reason);
      return Promise.reject(reason);
    };
    const byHand = () => assert.fail('nobody wants it any more');
    await assert.rejects(draftBy(ways({ over, byHand, signal: cancelling.signal })), reason);
  });

  it('leaves our own hand its time: a server that takes too long is given up', async () => {
    const over = (_: Capcut, signal: AbortSignal) =>
      new Promise<string>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const begun = Date.now();
    // Less than is kept for our own hand: each server gets its least.
    const served = await draftBy(ways({ over, withinMs: 60_000, capcut: { http_channel: server() } }));
    assert.deepEqual([served.channel, insteadOf(served)?.why], ['local_draft', 'network_error']);
    assert.ok(Date.now() - begun < 40_000);
  });

  it('fails with the last server’s word where our own hand is not in the order; with none, by name', async () => {
    const order = { ...strategy, fallback: ['http_channel' as const] };
    await assert.rejects(
      draftBy(ways({ strategy: order })),
      (error: unknown) => error instanceof ProviderError && error.details.kind === 'network_error',
    );
    await assert.rejects(
      draftBy(ways({ strategy: order, capcut: {} })),
      (error: unknown) => error instanceof PermanentError && error.code === 'no_draft_channel',
    );
  });

  it('is tried over no way whose breaker is open', async () => {
    const guard = new Breakers(circuitBreakers);
    const asked: number[] = [];
    const over = () => (asked.push(1), Promise.reject(down()));
    // Two failures in a row open the service’s breaker: one draft, over both ways.
    await draftBy(ways({ guard, over }));
    assert.equal(asked.length, 2);
    const served = await draftBy(ways({ guard, over }));
    assert.equal(asked.length, 2);
    assert.deepEqual([served.channel, insteadOf(served)?.why], ['local_draft', 'circuit_open']);
    assert.ok(served.passedOver.every(({ error }) => error instanceof CallDeferred));
  });
});
