import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { CancelledFailure } from '@temporalio/activity';
import { Breakers, UNGUARDED } from '../../src/breakers/breakers.ts';
import { loadConfig } from '../../src/config.ts';
import { DatabaseUnavailable } from '../../src/database/errors.ts';
import { CallDeferred, PermanentError, ProviderError } from '../../src/domain/errors.ts';
import type { Purchase } from '../../src/domain/purchase.ts';
import { PurchaseDesk } from '../../src/ledger/purchase-desk.ts';
import { SqlPurchaseStore } from '../../src/ledger/sql-purchase-store.ts';
import { NoRoomError } from '../../src/store/no-room.ts';
import { CLOSED_PORT, json, resetAfterRequest } from '../../src/providers/testing/local-host.ts';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import {
  BARE_500,
  gate,
  heldAnswer,
  KEY,
  ledgerOn,
  openShop,
  orderFrom,
  PRICE,
  REFUSED_429,
  type Shop,
  until,
} from './shop.ts';

for (const { name, start } of DATABASES)
  describe(`on ${name}`, () => {
    let under: TestDatabase;
    before(async () => (under = await start()));
    after(() => under?.stop());
    let shop: Shop;
    let ledger: SqlPurchaseStore;
    let desk: PurchaseDesk;

    beforeEach(async () => {
      shop = await openShop();
      await under.empty();
      ledger = ledgerOn(under);
      desk = new PurchaseDesk(ledger);
    });
    afterEach(async () => {
      await shop.close();
    });

    /** What a later process has: the same database, and nothing in memory. */
    const laterDesk = () => new PurchaseDesk(ledgerOn(under));
    const bill = () => desk.cost(KEY.tenant, KEY.videoId, () => true);
    const states = async () => (await bill()).lines.map(({ attempt, state }) => `${attempt} ${state}`);
    const isKind = (kind: string) => (error: unknown) => error instanceof ProviderError && error.details.kind === kind;
    const isCode = (code: string) => (error: unknown) => error instanceof PermanentError && error.code === code;

    describe('a purchase', () => {
      it('is written as intended, with its seed, before the request arrives', async () => {
        const atArrival: Purchase[] = [];
        shop.onRequest(async () => void atArrival.push(...(await ledger.list(KEY.tenant, KEY.videoId))));
        await desk.buy(orderFrom(shop.url));
        assert.deepEqual(
          atArrival.map(({ attempt, state, seed, settledAt, answer }) => ({ attempt, state, seed, settledAt, answer })),
          [{ attempt: 1, state: 'intended', seed: shop.received[0], settledAt: null, answer: null }],
        );
      });

      it('is told to nobody before its answer is stored', async () => {
        const disk = gate();
        class SlowDisk extends SqlPurchaseStore {
          override async settle(purchase: Purchase): Promise<void> {
            if (purchase.state === 'answered') await disk.pass();
            await super.settle(purchase);
          }
        }
        let told = false;
        const buying = new PurchaseDesk(new SlowDisk({ database: under.database, note: () => {} }))
          .buy(orderFrom(shop.url))
          .then(() => (told = true));
        await disk.reached;
        await turn();
        assert.equal(told, false);
        disk.open();
        await buying;
        assert.deepEqual(await states(), ['1 bought']);
      });

      it('is made once: who comes later gets the stored answer, also in another process', async () => {
        const first = await desk.buy(orderFrom(shop.url));
        assert.deepEqual(first.answer, { picture: 'picture 1' });
        for (const later of [desk, laterDesk()]) {
          const { answer, purchase } = await later.buy(orderFrom(shop.url));
          assert.deepEqual(answer, first.answer);
          assert.equal(purchase.seed, first.purchase.seed);
        }
        assert.equal(shop.received.length, 1);
        assert.deepEqual(await states(), ['1 bought']);
      });

      it('is joined by all who want it while its call is under way', async () => {
        const { held, letGo, arrived } = heldAnswer(json(200, { picture: 'for all' }));
        shop.answers(held);
        const buyers = Array.from({ length: 5 }, () => desk.buy(orderFrom(shop.url)));
        await arrived;
        buyers.push(desk.buy(orderFrom(shop.url)));
        letGo();
        for (const { answer } of await Promise.all(buyers)) assert.deepEqual(answer, { picture: 'for all' });
        assert.equal(shop.received.length, 1);
      });

      it('is put off while the circuit is open, without a row and without a call', async () => {
        const { circuitBreakers } = loadConfig({});
        const guarded = new PurchaseDesk(ledgerOn(under), new Breakers(circuitBreakers));
        const { failure_threshold: threshold } = circuitBreakers.services.doubao_text2image;
        const of = (sceneId: string) => guarded.buy(orderFrom(shop.url, { key: { ...KEY, sceneId } }));
        // Unknown outcomes: two a scene, and no third.
        shop.answers(...Array.from({ length: threshold }, () => BARE_500));
        for (let n = 0; n < threshold; n++) await assert.rejects(of(`s${n}`), ProviderError);

        await assert.rejects(of('s9'), (error) => error instanceof CallDeferred && error.reason === 'circuit_open');
        assert.equal(shop.received.length, threshold);
        assert.deepEqual(await ledgerOn(under).find({ ...KEY, sceneId: 's9' }), []);
      });

      it('is put off while the disk is full, without a row and without a call; what was bought before is had', async () => {
        let isFull = false;
        const checkRoom = () => (isFull ? Promise.reject(new NoRoomError()) : Promise.resolve());
        const careful = new PurchaseDesk(ledgerOn(under), UNGUARDED, checkRoom);
        const before = await careful.buy(orderFrom(shop.url));
        isFull = true;
        const another = orderFrom(shop.url, { key: { ...KEY, sceneId: 's9' } });
        await assert.rejects(careful.buy(another), NoRoomError);
        assert.deepEqual(await ledgerOn(under).find(another.key), []);
        assert.deepEqual((await careful.buy(orderFrom(shop.url))).answer, before.answer);
        assert.equal(shop.received.length, 1);
        isFull = false;
        await careful.buy(another);
        assert.equal(shop.received.length, 2);
      });

      it('is not shared by two scenes, purposes, videos or tenants, each with a seed of its own', async () => {
        const keys = [
          KEY,
          { ...KEY, sceneId: 's10' },
          { ...KEY, sceneId: null },
          { ...KEY, purpose: 'narration' as const },
          { ...KEY, videoId: 'v2' },
          { ...KEY, tenant: 'other' },
        ];
        const bought = await Promise.all(keys.map((key) => desk.buy(orderFrom(shop.url, { key }))));
        assert.equal(new Set(bought.map(({ answer }) => answer.picture)).size, keys.length);
        assert.equal(new Set(shop.received).size, keys.length);
      });

      it('remembers where its answer was kept', async () => {
        const { purchase } = await desk.buy(orderFrom(shop.url));
        assert.equal(purchase.kept, null);
        await desk.keep(purchase, { sha256: 'abc' });
        const later = await laterDesk().buy(orderFrom(shop.url));
        assert.deepEqual(later.purchase.kept, { sha256: 'abc' });
        assert.deepEqual(later.answer, { picture: 'picture 1' });
      });
    });

    describe('a call that fails', () => {
      it('costs nothing and leaves no ledger line when the service refused it', async () => {
        shop.answers(REFUSED_429, REFUSED_429, REFUSED_429);
        for (let time = 0; time < 3; time++) {
          await assert.rejects(
            desk.buy(orderFrom(shop.url)),
            (error: unknown) => isKind('rate_limit')(error) && (error as ProviderError).details.retryAfterMs === 7_000,
          );
        }
        assert.deepEqual(await bill(), { currency: 'CNY', total: 0, lines: [] });
        await desk.buy(orderFrom(shop.url));
        assert.deepEqual(await states(), ['1 bought']);
        assert.equal(shop.received.length, 4);
      });

      it('costs nothing when the service could not be reached', async () => {
        const nowhere = `http://127.0.0.1:${CLOSED_PORT}`;
        await assert.rejects(desk.buy(orderFrom(nowhere)), isKind('network_error'));
        assert.deepEqual((await bill()).lines, []);
      });

      it('costs nothing when our own code refused it before it was sent', async () => {
        const call = () => Promise.reject(new PermanentError('unknown_voice', 'no such voice'));
        await assert.rejects(desk.buy(orderFrom(shop.url, { call })), isCode('unknown_voice'));
        assert.deepEqual((await bill()).lines, []);
        assert.equal(shop.received.length, 0);
      });

      for (const [what, answer] of [
        ['the connection broke', resetAfterRequest],
        ['something in front of the service failed', BARE_500],
        ['the answer is nonsense', json(200, '{"picture": "half a')],
      ] as const) {
        it(`is written as unknown, at its estimate, when ${what}; one more is bought`, async () => {
          shop.answers(answer);
          await assert.rejects(desk.buy(orderFrom(shop.url)));
          const { total, lines } = await bill();
          assert.equal(total, PRICE);
          assert.deepEqual(
            lines.map(({ state, basis, price, units }) => ({ state, basis, price, units })),
            [{ state: 'unknown', basis: 'estimated', price: PRICE, units: { images: 1 } }],
          );
          await desk.buy(orderFrom(shop.url));
          assert.deepEqual(await states(), ['1 unknown', '2 bought']);
          assert.equal((await bill()).total, 2 * PRICE);
          assert.equal(new Set(shop.received).size, 2);
        });
      }

      it('is not tried a third time after two without an answer', async () => {
        shop.answers(resetAfterRequest, BARE_500);
        await assert.rejects(desk.buy(orderFrom(shop.url)), isKind('outcome_unknown'));
        await assert.rejects(desk.buy(orderFrom(shop.url)), isKind('outcome_unknown'));
        for (const later of [desk, laterDesk()])
          await assert.rejects(later.buy(orderFrom(shop.url)), isCode('outcome_unknown'));
        assert.equal(shop.received.length, 2);
        assert.deepEqual(await states(), ['1 unknown', '2 unknown']);
      });

      it('may be refused between two unknown ones, which still are the last', async () => {
        shop.answers(BARE_500, REFUSED_429, BARE_500);
        for (let time = 0; time < 3; time++) await assert.rejects(desk.buy(orderFrom(shop.url)));
        await assert.rejects(desk.buy(orderFrom(shop.url)), isCode('outcome_unknown'));
        assert.equal(shop.received.length, 3);
        assert.deepEqual(await states(), ['1 unknown', '2 unknown']);
      });

      it('is heard of by all who joined it, and the next one calls again', async () => {
        const { held, letGo, arrived } = heldAnswer(REFUSED_429);
        shop.answers(held);
        const joined = [desk.buy(orderFrom(shop.url)), desk.buy(orderFrom(shop.url))];
        const outcomes = Promise.allSettled(joined);
        await arrived;
        letGo();
        assert.deepEqual(
          (await outcomes).map(({ status }) => status),
          ['rejected', 'rejected'],
        );
        await desk.buy(orderFrom(shop.url));
        assert.equal(shop.received.length, 2);
      });

      it('counts as unknown when its answer could not be stored', async () => {
        let full = true;
        class FullDisk extends SqlPurchaseStore {
          override async settle(purchase: Purchase): Promise<void> {
            if (full && purchase.state === 'answered')
              throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
            await super.settle(purchase);
          }
        }
        const poor = new PurchaseDesk(new FullDisk({ database: under.database, note: () => {} }));
        await assert.rejects(poor.buy(orderFrom(shop.url)), { code: 'ENOSPC' });
        assert.deepEqual(await states(), ['1 unknown']);
        full = false;
        await poor.buy(orderFrom(shop.url));
        assert.deepEqual(await states(), ['1 unknown', '2 bought']);
        assert.equal(shop.received.length, 2);
      });
    });

    describe('max_cost', () => {
      const scene = (n: number) => ({ ...KEY, sceneId: `s${n}` });

      it('refuses what would pass it, before anything is sent, and lets cheaper things through', async () => {
        const maxCost = 0.5;
        await desk.buy(orderFrom(shop.url, { key: scene(1), maxCost }));
        await desk.buy(orderFrom(shop.url, { key: scene(2), maxCost }));
        await assert.rejects(desk.buy(orderFrom(shop.url, { key: scene(3), maxCost })), isCode('max_cost_reached'));
        assert.equal(shop.received.length, 2);
        assert.equal((await bill()).total, 0.4);
        const estimate = { units: { images: 1 }, price: 0.1 };
        await desk.buy(orderFrom(shop.url, { key: scene(4), maxCost, estimate }));
        assert.equal(shop.received.length, 3);
      });

      it('lets the last purchase that fits through, to the cent', async () => {
        // 0.2 + 0.2 + 0.2 is more than 0.6 in floating point.
        for (const n of [1, 2, 3]) await desk.buy(orderFrom(shop.url, { key: scene(n), maxCost: 0.6 }));
        assert.equal(shop.received.length, 3);
      });

      it('counts what may have been billed, and not what was refused', async () => {
        shop.answers(BARE_500, REFUSED_429);
        await assert.rejects(desk.buy(orderFrom(shop.url, { key: scene(1), maxCost: 0.4 })));
        await assert.rejects(desk.buy(orderFrom(shop.url, { key: scene(2), maxCost: 0.4 })), isKind('rate_limit'));
        await desk.buy(orderFrom(shop.url, { key: scene(3), maxCost: 0.4 }));
        await assert.rejects(
          desk.buy(orderFrom(shop.url, { key: scene(4), maxCost: 0.4 })),
          isCode('max_cost_reached'),
        );
        assert.equal(shop.received.length, 3);
        assert.equal((await bill()).total, 0.4);
      });

      it('gives back what is already bought', async () => {
        await desk.buy(orderFrom(shop.url, { maxCost: PRICE }));
        const { answer } = await laterDesk().buy(orderFrom(shop.url, { maxCost: 0.01 }));
        assert.deepEqual(answer, { picture: 'picture 1' });
      });

      it('is spent, and not passed, by many who buy at once', async () => {
        const scenes = Array.from({ length: 6 }, (_, n) => scene(n + 1));
        const bought = await Promise.allSettled(
          scenes.map((key) => desk.buy(orderFrom(shop.url, { key, maxCost: 0.65 }))),
        );
        assert.equal(bought.filter(({ status }) => status === 'fulfilled').length, 3);
        assert.equal(shop.received.length, 3);
        assert.equal((await bill()).total, 0.6);
      });

      it('that cannot be counted sends nothing, and is no reason to think that something was sent', async () => {
        let isLost = true;
        class LostList extends SqlPurchaseStore {
          override async list(tenant: string, videoId: string): Promise<Purchase[]> {
            if (isLost) throw new DatabaseUnavailable('lost');
            return super.list(tenant, videoId);
          }
        }
        const poor = new PurchaseDesk(new LostList({ database: under.database, note: () => {} }));
        for (let time = 0; time < 3; time++)
          await assert.rejects(poor.buy(orderFrom(shop.url, { key: scene(2), maxCost: 1 })), DatabaseUnavailable);
        assert.equal(shop.received.length, 0);
        isLost = false;
        await poor.buy(orderFrom(shop.url, { key: scene(2), maxCost: 1 }));
        assert.deepEqual(await states(), ['1 bought']);
      });

      it('is not passed by two processes that buy at once', async () => {
        const desks = [laterDesk(), laterDesk()];
        const orders = Array.from({ length: 6 }, (_, n) => orderFrom(shop.url, { key: scene(n + 1), maxCost: 0.65 }));
        await Promise.allSettled(orders.map((order, n) => desks[n % 2]!.buy(order)));
        assert.ok(shop.received.length <= 3, `${shop.received.length} bought`);
      });
    });

    describe('a cancel', () => {
      const REASON = new Error('the activity was cancelled');

      /** A purchase whose call has arrived, and is answered when it is let go. */
      async function underWay(picture: string) {
        const { held, letGo, arrived } = heldAnswer(json(200, { picture }));
        shop.answers(held);
        const controller = new AbortController();
        const buying = desk.buy(orderFrom(shop.url, { signal: controller.signal }));
        await arrived;
        return { buying, letGo, cancel: (reason: Error) => controller.abort(reason) };
      }

      it('before the call sends and writes nothing', async () => {
        await assert.rejects(desk.buy(orderFrom(shop.url, { signal: AbortSignal.abort(REASON) })), REASON);
        assert.equal(shop.received.length, 0);
        assert.deepEqual(await ledger.list(KEY.tenant, KEY.videoId), []);
      });

      it('that Temporal knows of and the activity not yet: nothing is sent, and nothing counts as bought', async () => {
        await assert.rejects(
          desk.buy(orderFrom(shop.url, { isWanted: async () => false })),
          (error: unknown) => error instanceof PermanentError && error.code === 'cancelled',
        );
        assert.equal(shop.received.length, 0);
        assert.deepEqual((await desk.cost(KEY.tenant, KEY.videoId, () => true)).lines, []);
      });

      it('that nobody can tell of, Temporal being away, keeps no run from its first purchase', async () => {
        const isWanted = () => Promise.reject(new Error('no answer'));
        await desk.buy(orderFrom(shop.url, { isWanted }));
        assert.equal(shop.received.length, 1);
      });

      it('with the call under way still takes the answer that comes in time', async () => {
        const { buying, letGo, cancel } = await underWay('just in time');
        cancel(REASON);
        letGo();
        assert.deepEqual((await buying).answer, { picture: 'just in time' });
        assert.deepEqual(await states(), ['1 bought']);
      });

      it('waits some seconds, and less than eight; the answer that comes after is stored all the same', async () => {
        const { buying, letGo, cancel } = await underWay('late');
        let outcome: unknown = 'waiting';
        const givenUp = buying.catch((error: unknown) => (outcome = error));
        mock.timers.enable({ apis: ['setTimeout'] });
        try {
          cancel(REASON);
          mock.timers.tick(5_000);
          await turn();
          assert.equal(outcome, 'waiting');
          mock.timers.tick(2_999);
          await givenUp;
          assert.equal(outcome, REASON);
        } finally {
          mock.timers.reset();
        }
        assert.deepEqual(await states(), ['1 unknown']);
        letGo();
        await until(async () => (await states())[0] === '1 bought');
        assert.deepEqual((await desk.buy(orderFrom(shop.url))).answer, { picture: 'late' });
        assert.equal(shop.received.length, 1);
      });

      it('because the worker is to stop takes no answer away: it is waited for as long as it takes', async () => {
        const { buying, letGo, cancel } = await underWay('before the end');
        mock.timers.enable({ apis: ['setTimeout'] });
        try {
          cancel(new CancelledFailure('WORKER_SHUTDOWN'));
          mock.timers.tick(100_000);
          await turn();
        } finally {
          mock.timers.reset();
        }
        letGo();
        assert.deepEqual((await buying).answer, { picture: 'before the end' });
      });

      it('leaves a call that the process may not take along: idle only when it has settled', async () => {
        const { buying, letGo, cancel } = await underWay('for nobody');
        mock.timers.enable({ apis: ['setTimeout'] });
        try {
          cancel(REASON);
          mock.timers.tick(8_000);
          await assert.rejects(buying, REASON);
        } finally {
          mock.timers.reset();
        }
        let isIdle = false;
        const idle = desk.idle().then(() => (isIdle = true));
        await turn();
        assert.equal(isIdle, false);
        letGo();
        await idle;
        assert.deepEqual(await states(), ['1 bought']);
      });

      it('of an attempt that took too long leaves the call to its successor', async () => {
        const { buying: first, letGo, cancel } = await underWay('for the successor');
        cancel(REASON);
        const successor = desk.buy(orderFrom(shop.url));
        letGo();
        assert.deepEqual((await successor).answer, { picture: 'for the successor' });
        assert.deepEqual((await first).answer, { picture: 'for the successor' });
        assert.equal(shop.received.length, 1);
      });
    });

    describe('a call that another process has in flight', () => {
      it('is waited for, and its answer is everybody’s', async () => {
        const { held, letGo, arrived } = heldAnswer(json(200, { picture: 'from the first' }));
        shop.answers(held);
        const slow = desk.buy(orderFrom(shop.url));
        await arrived;
        const others = [laterDesk(), laterDesk()].map((other) => other.buy(orderFrom(shop.url)));
        await sleep(1_500);
        assert.equal(shop.received.length, 1);
        letGo();
        for (const { answer } of await Promise.all([slow, ...others]))
          assert.deepEqual(answer, { picture: 'from the first' });
        assert.equal(shop.received.length, 1);
        assert.deepEqual(await states(), ['1 bought']);
      });

      it('and is refused is sent once more by one of those who waited', async () => {
        const { held, letGo, arrived } = heldAnswer(REFUSED_429);
        shop.answers(held);
        const slow = desk.buy(orderFrom(shop.url));
        slow.catch(() => {});
        await arrived;
        const others = [laterDesk(), laterDesk()].map((other) => other.buy(orderFrom(shop.url)));
        letGo();
        await assert.rejects(slow, isKind('rate_limit'));
        for (const { answer } of await Promise.all(others)) assert.deepEqual(answer, { picture: 'picture 2' });
        assert.equal(shop.received.length, 2);
        assert.deepEqual(await states(), ['1 bought']);
      });

      it('is not waited for by who was cancelled; who joined him waits on', async () => {
        const { held, letGo, arrived } = heldAnswer(json(200, { picture: 'from the first' }));
        shop.answers(held);
        const slow = desk.buy(orderFrom(shop.url));
        await arrived;
        const other = laterDesk();
        const cancelled = new AbortController();
        const reason = new Error('the activity was cancelled');
        const first = other.buy(orderFrom(shop.url, { signal: cancelled.signal }));
        const joined = other.buy(orderFrom(shop.url));
        cancelled.abort(reason);
        await assert.rejects(first, reason);
        letGo();
        assert.deepEqual((await joined).answer, { picture: 'from the first' });
        await slow;
        assert.equal(shop.received.length, 1);
      });

      it('is taken for lost when its process says nothing more; if that answers after all, the account has both', async () => {
        const { held, letGo, arrived } = heldAnswer(json(200, { picture: 'from the first' }));
        shop.answers(held);
        const silent = new PurchaseDesk(ledgerOn(under, { lease: { leaseMs: 300, renewMs: 3_600_000 } }));
        const slow = silent.buy(orderFrom(shop.url));
        await arrived;
        const second = await laterDesk().buy(orderFrom(shop.url));
        assert.deepEqual(second.answer, { picture: 'picture 2' });
        assert.deepEqual(await states(), ['1 unknown', '2 bought']);
        letGo();
        assert.deepEqual((await slow).answer, { picture: 'from the first' });
        assert.deepEqual(await states(), ['1 bought', '2 bought']);
        await laterDesk().buy(orderFrom(shop.url));
        assert.equal(shop.received.length, 2);
      });

      it('is bought by one of many who begin at once', async () => {
        const bought = await Promise.all(Array.from({ length: 6 }, () => laterDesk().buy(orderFrom(shop.url))));
        for (const { answer } of bought) assert.deepEqual(answer, { picture: 'picture 1' });
        assert.equal(shop.received.length, 1);
      });
    });

    describe('the account of a video', () => {
      it('tells what is in the film from what is not', async () => {
        const keys = ['s1', 's2', 's3'].map((sceneId) => ({ ...KEY, sceneId }));
        for (const key of keys) await desk.buy(orderFrom(shop.url, { key }));
        await desk.buy(orderFrom(shop.url, { key: { ...KEY, videoId: 'v2' } }));
        const { total, lines } = await desk.cost(KEY.tenant, KEY.videoId, ({ key }) => key.sceneId !== 's2');
        assert.equal(total, 0.6);
        assert.deepEqual(lines.map(({ sceneId, state, basis }) => `${sceneId} ${state} ${basis}`).sort(), [
          's1 bought reported',
          's2 unused reported',
          's3 bought reported',
        ]);
      });

      it('is empty for a video that bought nothing', async () => {
        assert.deepEqual(await bill(), { currency: 'CNY', total: 0, lines: [] });
      });
    });
  });
