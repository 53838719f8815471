import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { DatabaseUnavailable } from '../../src/database/errors.ts';
import { PermanentError } from '../../src/domain/errors.ts';
import type { Purchase } from '../../src/domain/purchase.ts';
import { importFolder } from '../../src/ledger/import-folder.ts';
import { PurchaseDesk } from '../../src/ledger/purchase-desk.ts';
import type { SqlPurchaseStore } from '../../src/ledger/sql-purchase-store.ts';
import { json } from '../../src/providers/testing/local-host.ts';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import { heldAnswer, KEY, ledgerOn, openShop, orderFrom, purchaseOf, type Shop, until } from './shop.ts';

for (const { name, start } of DATABASES) {
  describe(`purchases on ${name}`, () => {
    let under: TestDatabase;
    let store: SqlPurchaseStore;
    let shop: Shop;
    let notes: string[];
    before(async () => (under = await start()));
    after(() => under?.stop());
    beforeEach(async () => {
      await under.empty();
      shop = await openShop();
      notes = [];
      store = ledgerOn(under, { note: (_fields, message) => void notes.push(message) });
    });
    afterEach(() => shop.close());

    const renamed = (from: string, to: string) =>
      under.database.run((query) => query.execute(sql.raw(`alter table ${from} rename to ${to}`)));
    const found = async (key = KEY) => (await store.find(key)).map(({ purchase }) => purchase);
    const states = async () => (await found()).map(({ attempt, state }) => `${attempt} ${state}`);

    it('are found by key, first to last, and nothing of others', async () => {
      const others = [
        { ...KEY, sceneId: 's10' },
        { ...KEY, sceneId: null },
        { ...KEY, purpose: 'narration' as const },
        { ...KEY, videoId: 'v2' },
        { ...KEY, tenant: 'other' },
      ];
      for (const key of others) assert.ok(await store.open(purchaseOf({ key })));
      for (const attempt of [2, 1]) assert.ok(await store.open(purchaseOf({ attempt })));
      assert.deepEqual(await found(), [purchaseOf({ attempt: 1 }), purchaseOf({ attempt: 2 })]);
      for (const key of others) assert.deepEqual(await found(key), [purchaseOf({ key })]);
      assert.equal((await store.list(KEY.tenant, KEY.videoId)).length, 5);
      assert.deepEqual(await store.list('nobody', 'v0'), []);
    });

    it('keep an answer to the letter, whatever it says', async () => {
      const answers = [
        { text: 'null \0, half \ud83d, “é” 🌱, \\u0000', n: 1e-7, z: [null, {}], a: '' },
        ...['{"scenes": []}', '12', '"quoted"', '', 'null', 12, true, ['a']],
      ];
      for (const [n, answer] of answers.entries()) {
        const intent = purchaseOf({ key: { ...KEY, sceneId: `s${n}` } });
        await store.open(intent);
        const change = { state: 'answered', answer, settledAt: '2026-01-01T00:00:01.234Z' } as const;
        await store.settle({ ...intent, ...change });
        await store.keep(intent, { sha256: 'abc' });
        assert.deepEqual(await found(intent.key), [{ ...intent, ...change, kept: { sha256: 'abc' } }]);
      }
    });

    it('are opened by one, and opened again only after a refusal', async () => {
      const intents = Array.from({ length: 8 }, (_, n) => purchaseOf({ seed: n + 1 }));
      const opened = await Promise.all(intents.map((intent) => ledgerOn(under).open(intent)));
      assert.equal(opened.filter(Boolean).length, 1);
      const [there] = await found();
      assert.equal(there?.seed, intents[opened.indexOf(true)]?.seed);
      await store.settle({ ...(there as Purchase), state: 'refused', settledAt: '2026-01-01T00:00:01.000Z' });
      assert.ok(await store.open(purchaseOf({ seed: 99 })));
      assert.deepEqual(await found(), [purchaseOf({ seed: 99 })]);
    });

    it('that are answered stay answered', async () => {
      const intent = purchaseOf();
      await store.open(intent);
      await store.settle({ ...intent, state: 'answered', answer: 'paid' });
      await store.settle({ ...intent, state: 'unknown' });
      assert.equal(await store.writeOff(intent), false);
      assert.deepEqual(await states(), ['1 answered']);
    });

    it('under way are told from those whose process is gone, by the database’s clock', async () => {
      const silent = ledgerOn(under, { lease: { leaseMs: 400, renewMs: 3_600_000 } });
      const speaking = ledgerOn(under, { lease: { leaseMs: 400, renewMs: 100 } });
      const [lost, held] = [purchaseOf(), purchaseOf({ key: { ...KEY, sceneId: 's2' } })];
      await silent.open(lost);
      await speaking.open(held);
      await until(async () => (await store.find(KEY))[0]?.underWay === false);
      assert.equal((await store.find(held.key))[0]?.underWay, true);
      assert.equal(await store.writeOff(held), false);
      assert.equal(await store.writeOff(lost), true);
      assert.deepEqual(await states(), ['1 unknown']);
      await speaking.settle({ ...held, state: 'refused' });
    });

    it('are not made while the database is away: nothing is sent, and nothing counts as perhaps bought', async () => {
      under.freeze();
      try {
        await assert.rejects(new PurchaseDesk(store).buy(orderFrom(shop.url)), DatabaseUnavailable);
        await assert.rejects(store.open(purchaseOf()), DatabaseUnavailable);
      } finally {
        under.thaw();
      }
      assert.equal(shop.received.length, 0);
      // What was written, although nobody heard of it, is taken back.
      await new PurchaseDesk(store).buy(orderFrom(shop.url));
      assert.deepEqual(
        (await store.list(KEY.tenant, KEY.videoId)).map(({ state }) => state),
        ['answered'],
      );
      assert.equal(shop.received.length, 1);
    });

    it('that are answered while the database is away are written when it is back', async () => {
      const { held, letGo, arrived } = heldAnswer(json(200, { picture: 'dear' }));
      shop.answers(held);
      const buying = new PurchaseDesk(store).buy(orderFrom(shop.url));
      await arrived;
      await under.crash();
      letGo();
      await until(() => notes.length > 0);
      assert.match(notes[0] ?? '', /database is away: the outcome of a call is held/);
      await under.restart();
      const successor = new PurchaseDesk(ledgerOn(under)).buy(orderFrom(shop.url));
      assert.deepEqual((await buying).answer, { picture: 'dear' });
      assert.deepEqual((await successor).answer, { picture: 'dear' });
      assert.equal(shop.received.length, 1);
      assert.deepEqual(await states(), ['1 answered']);
    });

    it('that are answered while a restore has taken the table away are written when it is there again', async () => {
      const { held, letGo, arrived } = heldAnswer(json(200, { picture: 'dear' }));
      shop.answers(held);
      const buying = new PurchaseDesk(store).buy(orderFrom(shop.url));
      await arrived;
      await renamed('purchases', 'purchases_away');
      try {
        letGo();
        await Promise.race([buying, sleep(1_500)]);
        await assert.rejects(new PurchaseDesk(ledgerOn(under)).buy(orderFrom(shop.url)), DatabaseUnavailable);
      } finally {
        await renamed('purchases_away', 'purchases');
      }
      assert.deepEqual((await buying).answer, { picture: 'dear' });
      assert.deepEqual((await new PurchaseDesk(ledgerOn(under)).buy(orderFrom(shop.url))).answer, { picture: 'dear' });
      assert.equal(shop.received.length, 1);
      assert.deepEqual(await states(), ['1 answered']);
    });

    it('that are answered are tried again whatever refuses them, but not when the answer itself cannot be written', async () => {
      const refuseWith = (state: string) =>
        under.database.transaction(async (query) => {
          await query.execute(
            sql.raw(`create or replace function refuse() returns trigger language plpgsql as
              $$ begin raise exception 'refused' using errcode = '${state}'; end $$`),
          );
          await query.execute(
            sql`create or replace trigger refuse before update on purchases for each row
              when (new.state = 'answered') execute function refuse()`,
          );
        });
      const allow = () => under.database.run((query) => query.execute(sql`drop trigger if exists refuse on purchases`));
      const intent = purchaseOf();
      await store.open(intent);
      try {
        for (const state of ['40P01', '40001', '42501']) {
          await refuseWith(state);
          notes.length = 0;
          const settling = store.settle({ ...intent, state: 'answered', answer: state });
          await Promise.race([settling, until(() => notes.length > 0)]);
          await allow();
          await settling;
          await under.database.run((query) => query.execute(sql`update purchases set state = 'intended'`));
        }
        await refuseWith('22021');
        await assert.rejects(store.settle({ ...intent, state: 'answered', answer: 'x' }), { code: '22021' });
      } finally {
        await allow();
      }
    });

    describe('from the files of an earlier release', () => {
      let folder: string;
      before(async () => (folder = path.join(await mkdtemp(path.join(tmpdir(), 'ledger-')), 'ledger')));
      after(() => rm(path.dirname(folder), { recursive: true, force: true }));
      const put = async (name: string, text: string) => {
        await mkdir(path.join(folder, 'local', 'v1'), { recursive: true });
        await writeFile(path.join(folder, 'local', 'v1', name), text);
      };

      it('are brought in once, by whoever comes', async () => {
        assert.equal(await importFolder(under.database, folder), 0);
        const { promptSha256: _, ...old } = purchaseOf({ state: 'answered', answer: { picture: 'old' } });
        await put('s1.still.1.json', JSON.stringify(old));
        await put(
          'film.script.1.json',
          JSON.stringify(purchaseOf({ key: { ...KEY, sceneId: null, purpose: 'script' } })),
        );
        await Promise.all([1, 2].map(() => importFolder(under.database, folder)));
        assert.ok(!existsSync(folder));
        assert.equal((await store.list('local', 'v1')).length, 2);
        assert.deepEqual((await new PurchaseDesk(store).buy(orderFrom(shop.url))).answer, { picture: 'old' });
        assert.equal(shop.received.length, 0);
      });

      it('are named when one cannot be read, and nothing is bought until that is mended', async () => {
        await put('s1.still.1.json', '{"key": {"ten');
        const importing = ledgerOn(under, { prepare: async () => void (await importFolder(under.database, folder)) });
        const desk = new PurchaseDesk(importing);
        for (let time = 0; time < 2; time++) {
          await assert.rejects(
            desk.buy(orderFrom(shop.url)),
            (error: unknown) =>
              error instanceof PermanentError &&
              error.code === 'ledger_damaged' &&
              error.message.includes(path.join('local', 'v1', 's1.still.1.json')),
          );
        }
        assert.equal(shop.received.length, 0);
        await rm(path.join(folder, 'local', 'v1', 's1.still.1.json'));
        await desk.buy(orderFrom(shop.url));
      });
    });
  });
}
