import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstThatServes, inOrder, isTheWaysFault } from '../../src/channels/policy.ts';
import { loadConfig } from '../../src/config.ts';
import { ErrorHandlingFile } from '../../src/domain/config-files.ts';
import { CallDeferred, ProviderError, type ProviderErrorKind } from '../../src/domain/errors.ts';

const failed = (kind: ProviderErrorKind): ProviderError =>
  new ProviderError(kind, { kind, provider: 'ark', code: null, httpStatus: null, retryAfterMs: null, billed: 'no' });
const deferred = (until: number, reason: 'circuit_open' | 'rate_limit' = 'circuit_open'): CallDeferred =>
  new CallDeferred('later', { reason, until });

/** Ways that fail so, or serve (null), and who was asked. */
function waysThat(outcomes: Record<string, Error | null>) {
  const asked: string[] = [];
  const ways = Object.entries(outcomes).map(([channel, error]) => ({
    channel,
    go: async () => {
      asked.push(channel);
      if (error !== null) throw error;
      return `from ${channel}`;
    },
  }));
  return { asked, ways };
}

describe('the ways to a provider', () => {
  const { asset_generation, project_creation } = loadConfig({}).errorHandling.fallback_strategies;
  const all = { mcp_channel: async () => 1, http_channel: async () => 1, local_draft: async () => 1 };
  const namesOf = (ways: { channel: string }[]) => ways.map(({ channel }) => channel);

  it('are, as shipped, MCP, then HTTP, and for drafts at last our own hand', () => {
    assert.deepEqual(namesOf(inOrder(asset_generation, all)), ['mcp_channel', 'http_channel']);
    assert.deepEqual(namesOf(inOrder(project_creation, all)), ['mcp_channel', 'http_channel', 'local_draft']);
  });

  it('are only those that are there, each once', () => {
    const { http_channel } = all;
    assert.deepEqual(namesOf(inOrder(asset_generation, { http_channel })), ['http_channel']);
    assert.deepEqual(namesOf(inOrder({ primary: 'http_channel', fallback: ['http_channel'] }, { http_channel })), [
      'http_channel',
    ]);
  });

  it('may be named as in the origin’s file: one fallback, not a list', () => {
    const strategies = { project_creation: { primary: 'mcp_channel', fallback: 'local_draft' } };
    const parsed = ErrorHandlingFile.shape.error_handling.shape.fallback_strategies.parse(strategies);
    assert.deepEqual(namesOf(inOrder(parsed.project_creation, all)), ['mcp_channel', 'local_draft']);
    assert.equal(parsed.asset_generation.cache_fallback, true);
  });
});

describe('of several ways', () => {
  it('the first that serves is taken, and what was passed over is told', async () => {
    const { ways, asked } = waysThat({ mcp: failed('network_error'), http: null, local: null });
    const served = await firstThatServes(ways, isTheWaysFault);
    assert.deepEqual([served.channel, served.answer, asked], ['http', 'from http', ['mcp', 'http']]);
    assert.deepEqual(
      served.passedOver.map(({ channel }) => channel),
      ['mcp'],
    );
  });

  it('the next is asked when the way, its key or its breaker is at fault, not when the request is', async () => {
    const movesOn = async (error: Error) => {
      const { ways, asked } = waysThat({ mcp: error, http: null });
      await firstThatServes(ways, isTheWaysFault).catch(() => {});
      return asked.includes('http');
    };
    for (const kind of ['network_error', 'outcome_unknown', 'provider_auth'] as const)
      assert.equal(await movesOn(failed(kind)), true, kind);
    for (const kind of ['rate_limit', 'temporary_failure', 'permanent', 'content_rejected', 'quota'] as const)
      assert.equal(await movesOn(failed(kind)), false, kind);
    assert.equal(await movesOn(deferred(1)), true);
    assert.equal(await movesOn(deferred(1, 'rate_limit')), false, 'the same account is asked there');
    assert.equal(await movesOn(new Error('a bug')), false);
  });

  it('the last word counts when none serves; what is only put off comes back soonest', async () => {
    const both = waysThat({ mcp: failed('network_error'), http: failed('outcome_unknown') });
    await assert.rejects(firstThatServes(both.ways, isTheWaysFault), /outcome_unknown/);
    const one = waysThat({ mcp: failed('network_error'), http: deferred(5) });
    await assert.rejects(firstThatServes(one.ways, isTheWaysFault), /network_error/);
    const later = waysThat({ mcp: deferred(5), http: deferred(9) });
    await assert.rejects(firstThatServes(later.ways, isTheWaysFault), (error: CallDeferred) => error.until === 5);
  });
});
