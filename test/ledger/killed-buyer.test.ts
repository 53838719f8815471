import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { PermanentError } from '../../src/domain/errors.ts';
import { PurchaseDesk } from '../../src/ledger/purchase-desk.ts';
import { startDoomed } from './doomed-process.ts';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import type { SqlPurchaseStore } from '../../src/ledger/sql-purchase-store.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { json } from '../../src/providers/testing/local-host.ts';
import { gate, heldAnswer, KEY, ledgerOn, openShop, orderFrom, PRICE, type Shop } from './shop.ts';

/** Who was killed cannot say so: its lease runs out. */
const LEASE_MS = 12_000;

/** Real processes, ended by kill -9 at a known point; the shop's own list says what was bought. */
describe('a buyer that is killed', { concurrency: true }, () => {
  for (const { name, start } of DATABASES)
    describe(`on ${name}`, { concurrency: false }, () => {
      let under: TestDatabase;
      let shop: Shop;
      let ledger: SqlPurchaseStore;
      before(async () => (under = await start()));
      after(() => under?.stop());
      const doomed: ReturnType<typeof startDoomed>[] = [];

      beforeEach(async () => {
        shop = await openShop();
        await under.empty();
        ledger = ledgerOn(under);
      });
      afterEach(async () => {
        await Promise.all(doomed.splice(0).map((buyer) => buyer.kill()));
        await shop.close();
      });

      const startBuyer = () => {
        const buyer = startDoomed(new URL('buyer-process.ts', import.meta.url), [
          JSON.stringify(under.target),
          shop.url,
        ]);
        doomed.push(buyer);
        return buyer;
      };

      /** Dies with its request at the shop, before any answer. */
      const dieInTheCall = async () => {
        const { pass, reached } = gate();
        shop.answers(() => void pass());
        const buyer = startBuyer();
        await reached;
        await buyer.kill();
      };

      const nextDesk = () => new PurchaseDesk(ledgerOn(under));
      const lines = async () => (await nextDesk().cost(KEY.tenant, KEY.videoId, () => true)).lines;

      it('between intent and answer is followed by one second attempt, and written as unknown', async () => {
        await dieInTheCall();
        const [left] = await ledger.list(KEY.tenant, KEY.videoId);
        assert.equal(left?.state, 'intended');
        assert.equal(left.seed, shop.received[0]);

        const killedAt = performance.now();
        const { purchase } = await nextDesk().buy(orderFrom(shop.url));
        assert.ok(performance.now() - killedAt < LEASE_MS, 'a successor does not wait for long');
        assert.equal(purchase.attempt, 2);
        assert.deepEqual(
          (await lines()).map(({ attempt, state, basis, price }) => ({ attempt, state, basis, price })),
          [
            { attempt: 1, state: 'unknown', basis: 'estimated', price: PRICE },
            { attempt: 2, state: 'bought', basis: 'reported', price: PRICE },
          ],
        );
        const [first, second] = await ledger.list(KEY.tenant, KEY.videoId);
        assert.equal(first?.state, 'unknown');
        assert.deepEqual([first.seed, second?.seed], shop.received);
        assert.notEqual(first.settledAt, null);

        await nextDesk().buy(orderFrom(shop.url));
        assert.equal(shop.received.length, 2);
      });

      it('is followed by nothing when the video was cancelled meanwhile', async () => {
        await dieInTheCall();
        await assert.rejects(
          nextDesk().buy(orderFrom(shop.url, { isWanted: async () => false })),
          (error: unknown) => error instanceof PermanentError && error.code === 'cancelled',
        );
        assert.equal(shop.received.length, 1);
        assert.deepEqual(
          (await lines()).map(({ attempt, state }) => `${attempt} ${state}`),
          ['1 unknown'],
        );
      });

      it('twice is not followed by a third attempt', async () => {
        await dieInTheCall();
        await dieInTheCall();
        for (let time = 0; time < 2; time++) {
          await assert.rejects(
            nextDesk().buy(orderFrom(shop.url)),
            (error: unknown) => error instanceof PermanentError && error.code === 'outcome_unknown',
          );
        }
        assert.equal(shop.received.length, 2);
        assert.deepEqual(
          (await lines()).map(({ attempt, state }) => `${attempt} ${state}`),
          ['1 unknown', '2 unknown'],
        );
      });

      it('after it has heard the answer leaves it to whoever comes next', async () => {
        const buyer = startBuyer();
        const heard: unknown = JSON.parse(await buyer.nextLine());
        await buyer.kill();
        const { answer } = await nextDesk().buy(orderFrom(shop.url));
        assert.deepEqual(answer, heard);
        assert.equal(shop.received.length, 1);
      });

      it('(or rather one that lives) is waited for by another process', async () => {
        const { held, letGo, arrived } = heldAnswer(json(200, { picture: 'for both' }));
        shop.answers(held);
        const buyers = [startBuyer()];
        await arrived;
        buyers.push(startBuyer());
        // Longer than a lease lasts: it is renewed.
        await sleep(8_000);
        assert.equal(shop.received.length, 1);
        letGo();
        for (const buyer of buyers) assert.deepEqual(JSON.parse(await buyer.nextLine()), { picture: 'for both' });
        assert.equal(shop.received.length, 1);
        assert.deepEqual(
          (await lines()).map(({ attempt, state }) => `${attempt} ${state}`),
          ['1 bought'],
        );
      });
    });
});
