import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buyAsset, type AssetOrder, type Fallback } from '../../src/channels/buy-asset.ts';
import { Breakers } from '../../src/breakers/breakers.ts';
import { loadConfig } from '../../src/config.ts';
import { ProviderError, type ProviderErrorKind } from '../../src/domain/errors.ts';
import { PROVIDER_ERRORS } from '../../src/domain/error-table.ts';
import type { Purchase, PurchaseKey } from '../../src/domain/purchase.ts';
import type { Channel } from '../../src/domain/service.ts';
import { PurchaseDesk } from '../../src/ledger/purchase-desk.ts';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import { ledgerOn, orderFrom, PRICE } from '../ledger/shop.ts';

type Sell = (intent: { seed: number }) => Promise<string>;

const fails =
  (kind: ProviderErrorKind): Sell =>
  () =>
    Promise.reject(
      new ProviderError(kind, {
        ...{ kind, provider: 'ark', code: null, httpStatus: null, retryAfterMs: null },
        billed: PROVIDER_ERRORS[kind].billed,
      }),
    );

for (const { name, start } of DATABASES)
  describe(`an asset, on ${name}`, () => {
    let under: TestDatabase;
    before(async () => void (under = await start()));
    after(() => under?.stop());
    const config = loadConfig({});
    let videos = 0;

    /** A shop with these channels, what was bought in it, and what it told. */
    function open(ways: Partial<Record<Channel, Sell>>, breakers?: Breakers) {
      const store = ledgerOn(under);
      const told: Fallback[] = [];
      const strategy = config.errorHandling.fallback_strategies.asset_generation;
      const shop = {
        desk: new PurchaseDesk(store, breakers),
        strategy,
        onFallback: (one: Fallback) => void told.push(one),
      };
      const key: PurchaseKey = { tenant: 'local', videoId: `a${videos++}`, sceneId: 's1', purpose: 'still' };
      const { channel: _channel, call: _call, find: _find, ...order } = orderFrom('http://127.0.0.1:1', { key });
      const wanted: AssetOrder<Sell, string> = {
        ...order,
        ways,
        call: async (sell, intent) => ({
          answer: await sell(intent),
          cost: { units: { images: 1 }, price: PRICE, basis: 'reported', model: 'm' },
        }),
      };
      const rows = async () =>
        (await store.list('local', key.videoId)).map(
          ({ attempt, channel, state }: Purchase) => `${attempt} ${channel} ${state}`,
        );
      return { buy: () => buyAsset(shop, wanted), rows, told };
    }

    it('is bought over the first channel, and is not bought again', async () => {
      const { buy, rows, told } = open({ mcp_channel: async () => 'mcp', http_channel: fails('permanent') });
      assert.deepEqual([(await buy()).answer, (await buy()).purchase.channel], ['mcp', 'mcp_channel']);
      assert.deepEqual([await rows(), told], [['1 mcp_channel answered'], []]);
    });

    it('is bought over the next one when the first cannot be reached, which costs nothing', async () => {
      const { buy, rows, told } = open({ mcp_channel: fails('network_error'), http_channel: async () => 'http' });
      assert.equal((await buy()).purchase.channel, 'http_channel');
      assert.deepEqual(await rows(), ['1 http_channel answered']);
      assert.deepEqual(
        told.map(({ served, passedOver }) => [served, passedOver]),
        [['http_channel', [{ channel: 'mcp_channel', why: 'network_error' }]]],
      );
    });

    it('is bought once more after an unknown outcome, whichever channel it is, and no third time', async () => {
      const { buy, rows } = open({ mcp_channel: fails('outcome_unknown'), http_channel: fails('outcome_unknown') });
      await assert.rejects(buy(), { name: 'ProviderError' });
      await assert.rejects(buy(), { name: 'PermanentError', code: 'outcome_unknown' });
      assert.deepEqual(await rows(), ['1 mcp_channel unknown', '2 http_channel unknown']);
    });

    it('is not asked for elsewhere when the request is at fault', async () => {
      let asked = 0;
      const { buy } = open({ mcp_channel: fails('content_rejected'), http_channel: async () => String(++asked) });
      await assert.rejects(buy(), /content_rejected/);
      assert.equal(asked, 0);
    });

    it('goes by a channel that is put off without a trace of it', async () => {
      const breakers = new Breakers(config.circuitBreakers, { severalWays: ['doubao_text2image'] });
      for (let n = 0; n < config.circuitBreakers.mcp_channel.failure_threshold; n++) {
        const admission = breakers.admit('doubao_text2image', 'mcp_channel');
        await admission.send(() => fails('network_error')({ seed: 1 })).catch(() => {});
        admission.leave();
      }
      let asked = 0;
      const sells = { mcp_channel: async () => String(++asked), http_channel: async () => 'http' };
      const { buy, rows, told } = open(sells, breakers);
      assert.equal((await buy()).answer, 'http');
      assert.deepEqual([asked, await rows()], [0, ['1 http_channel answered']]);
      assert.deepEqual(told[0]?.passedOver, [{ channel: 'mcp_channel', why: 'circuit_open' }]);
    });

    it('has one channel where only one is there, without a word', async () => {
      const { buy, told } = open({ http_channel: async () => 'http' });
      assert.equal((await buy()).answer, 'http');
      assert.deepEqual(told, []);
    });
  });
