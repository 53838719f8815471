import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { PermanentError } from '../../src/domain/errors.ts';
import { FolderPurchaseStore } from '../../src/ledger/folder-purchase-store.ts';
import { PurchaseDesk } from '../../src/ledger/purchase-desk.ts';
import { startDoomed } from './doomed-process.ts';
import { KEY, openShop, orderFrom, purchaseOf, temporaryLedger, type TemporaryLedger } from './shop.ts';

describe('FolderPurchaseStore', () => {
  let ledger: TemporaryLedger;
  beforeEach(async () => (ledger = await temporaryLedger()));
  afterEach(() => ledger.remove());

  it('finds all attempts of one key, first to last, and nothing of others', async () => {
    const others = [
      { ...KEY, sceneId: 's10' },
      { ...KEY, sceneId: null },
      { ...KEY, purpose: 'narration' as const },
      { ...KEY, videoId: 'v2' },
      { ...KEY, tenant: 'other' },
    ];
    for (const key of others) await ledger.store.write(purchaseOf({ key }));
    await ledger.store.write(purchaseOf({ attempt: 2 }));
    await ledger.store.write(purchaseOf({ attempt: 1 }));
    assert.deepEqual(await ledger.store.find(KEY), [purchaseOf({ attempt: 1 }), purchaseOf({ attempt: 2 })]);
    for (const key of others) assert.deepEqual(await ledger.store.find(key), [purchaseOf({ key })]);
  });

  it('keeps a script and its repair apart', async () => {
    const script = { ...KEY, sceneId: null, purpose: 'script' as const };
    const repair = { ...KEY, sceneId: null, purpose: 'script_repair' as const };
    await ledger.store.write(purchaseOf({ key: script }));
    await ledger.store.write(purchaseOf({ key: repair }));
    assert.deepEqual(
      (await ledger.store.find(script)).map(({ key }) => key),
      [script],
    );
    assert.equal((await ledger.store.list(KEY.tenant, KEY.videoId)).length, 2);
  });

  it('replaces what was known of an attempt, and leaves no other file', async () => {
    await ledger.store.write(purchaseOf());
    await ledger.store.write(purchaseOf({ state: 'answered', answer: { url: 'https://x/?a=1&b=“é”' } }));
    assert.deepEqual(await ledger.store.find(KEY), [
      purchaseOf({ state: 'answered', answer: { url: 'https://x/?a=1&b=“é”' } }),
    ]);
    assert.deepEqual(await readdir(ledger.folderOf(KEY)), ['s1.still.1.json']);
  });

  it('knows nothing of a video that has no folder', async () => {
    assert.deepEqual(await ledger.store.find(KEY), []);
    assert.deepEqual(await ledger.store.list('nobody', 'v0'), []);
  });

  it('takes many writes at once, of many keys and of one', async () => {
    const scenes = Array.from({ length: 20 }, (_, n) => ({ ...KEY, sceneId: `s${n + 1}` }));
    const again = Array.from({ length: 20 }, (_, n) => purchaseOf({ key: KEY, attempt: 2, seed: n + 1 }));
    await Promise.all([...scenes.map((key) => purchaseOf({ key })), ...again].map((each) => ledger.store.write(each)));
    assert.equal((await ledger.store.list(KEY.tenant, KEY.videoId)).length, 21);
    assert.equal((await readdir(ledger.folderOf(KEY))).length, 21);
  });

  it('never shows half a record, whenever its writer is killed', async () => {
    for (let round = 0; round < 3; round++) {
      const writer = startDoomed(new URL('writer-process.ts', import.meta.url), [ledger.dir]);
      const written = Number(await writer.nextLine());
      // Reading beside the writer sees whole records only.
      for (let look = 0; look < 20; look++) assert.equal((await ledger.store.find(KEY)).length, 1);
      await writer.kill();
      const [left] = await ledger.store.find(KEY);
      const answer = left?.answer as { n: number; filling: string };
      assert.ok(answer.n >= written);
      assert.equal(answer.filling.length, 300_000);
    }
  });

  it('does not mind the unfinished file of a writer that died', async () => {
    await ledger.store.write(purchaseOf());
    await writeFile(path.join(ledger.folderOf(KEY), '.0d1c-unfinished'), '{"key": {"ten');
    assert.deepEqual(await ledger.store.list(KEY.tenant, KEY.videoId), [purchaseOf()]);
  });
});

describe('a damaged record', () => {
  const damages: [string, (whole: string) => string][] = [
    ['cut short', (whole) => whole.slice(0, 40)],
    ['empty', () => ''],
    ['overwritten with zeros', (whole) => '\0'.repeat(whole.length)],
    ['of another shape', () => '{"state": "answered"}'],
  ];
  for (const [what, damage] of damages) {
    it(`that is ${what} is named, and nothing is bought in its place`, async () => {
      const shop = await openShop();
      const ledger = await temporaryLedger();
      try {
        await new PurchaseDesk(ledger.store).buy(orderFrom(shop.url));
        const file = ledger.fileOf(KEY, 1);
        await writeFile(file, damage(await readFile(file, 'utf8')));
        const later = new PurchaseDesk(new FolderPurchaseStore(ledger.dir));
        const isClear = (error: unknown) =>
          error instanceof PermanentError &&
          error.code === 'ledger_damaged' &&
          error.message.includes(path.join('local', 'v1', 's1.still.1.json'));
        await assert.rejects(later.buy(orderFrom(shop.url)), isClear);
        await assert.rejects(
          later.cost(KEY.tenant, KEY.videoId, () => true),
          isClear,
        );
        assert.equal(shop.received.length, 1);
        // Other purchases go on.
        await later.buy(orderFrom(shop.url, { key: { ...KEY, sceneId: 's2' } }));
        assert.equal(shop.received.length, 2);
      } finally {
        await shop.close();
        await ledger.remove();
      }
    });
  }
});
