import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { access, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { AssetRef } from '../../src/domain/asset.ts';
import { PermanentError } from '../../src/domain/errors.ts';
import type { AssetStore } from '../../src/store/asset-store.ts';
import { startDoomed } from '../ledger/doomed-process.ts';
import { SET_UP_MS } from './s3-server.ts';
import { collect, readLocally, type StoreKind, STORES, type StoreUnderTest } from './stores.ts';

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const failure = (code: string) => (error: unknown) => error instanceof PermanentError && error.code === code;
/** Of any length, and made of a random piece: drawn one by one, so many bytes take seconds and a gigabyte. */
const anyBytes = fc
  .tuple(fc.integer({ min: 0, max: 200_000 }), fc.uint8Array({ minLength: 1, maxLength: 500 }))
  .map(([length, piece]) => Buffer.alloc(length, piece));
const isTooLarge = failure('asset_too_large');

/** The same promises, whatever keeps them. */
for (const kind of STORES) describe(kind.name, () => suite(kind));

function suite(kind: StoreKind): void {
  let started: Awaited<ReturnType<StoreKind['start']>>;
  let under: StoreUnderTest;
  let store: AssetStore;
  before(async () => void (started = await kind.start()), { timeout: SET_UP_MS });
  after(() => started.stop());
  beforeEach(async () => {
    under = await started.open();
    store = under.store;
  });
  afterEach(() => under.remove());

  const stored = async (): Promise<string[]> => (await collect(store.list())).map(({ sha256 }) => sha256);
  const nothingIsLeft = async (): Promise<void> => {
    assert.deepEqual(await stored(), []);
    assert.deepEqual(await under.localFiles(), []);
  };

  it('knows what it is given by its content, and gives it back byte by byte', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const sha256 = sha256Of(bytes);
        const ref = await store.put(bytes, 'image/png');
        assert.deepEqual(ref, { uri: `asset:${sha256}`, mediaType: 'image/png', sizeBytes: bytes.length, sha256 });
        assert.deepEqual(await store.read(ref), bytes);
        assert.deepEqual(await store.find(sha256), ref);
        assert.deepEqual(await readLocally(store, ref), bytes);
      }),
      { numRuns: 12, examples: [[Buffer.alloc(0)]] },
    );
  });

  it('takes a stream like a buffer, in parts and of any length', async () => {
    const pieces = Array.from({ length: 50 }, (_, n) => Buffer.alloc(400_000, n));
    const ref = await store.put(Readable.from(pieces), 'audio/wav');
    assert.equal(ref.sha256, sha256Of(Buffer.concat(pieces)));
    assert.deepEqual(await store.put(Buffer.concat(pieces), 'audio/wav'), ref);
    assert.deepEqual(await readLocally(store, ref), Buffer.concat(pieces));
  });

  it('is the same store for another process', async () => {
    const ref = await store.put(Buffer.from('hello'), 'text/plain');
    const other = await under.other();
    assert.deepEqual(await other.find(ref.sha256), ref);
    assert.equal((await other.read(ref)).toString(), 'hello');
  });

  it('does not know what it was never given', async () => {
    assert.equal(await store.find(sha256Of(Buffer.from('never'))), null);
  });

  it('takes a file over', async () => {
    const film = path.join(under.settings.dataDir, 'film.mp4');
    for (const time of ['first', 'again']) {
      await writeFile(film, 'the film');
      const ref = await store.putFile(film, 'video/mp4');
      assert.equal((await store.read(ref)).toString(), 'the film', time);
      await assert.rejects(access(film), { code: 'ENOENT' });
    }
  });

  it('keeps one copy, and no unfinished file, of what many put at once', async () => {
    const bytes = Buffer.alloc(300_000, 'same');
    const stores = [store, await under.other()];
    const refs = await Promise.all(Array.from({ length: 12 }, (_, n) => stores[n % 2]!.put(bytes, 'image/png')));
    for (const ref of refs) assert.deepEqual(ref, refs[0]);
    assert.deepEqual(await stored(), [refs[0]!.sha256]);
    assert.deepEqual(
      (await under.localFiles()).filter((name) => !name.startsWith(refs[0]!.sha256)),
      [],
    );
    assert.deepEqual(await store.read(refs[0]!), bytes);
  });

  it('keeps the type that content came with first', async () => {
    const first = await store.put(Buffer.from('both'), 'text/plain');
    assert.deepEqual(await store.put(Buffer.from('both'), 'application/json'), first);
    assert.deepEqual(await store.find(first.sha256), first);
  });

  describe('with a limit', () => {
    it('takes what is just as large', async () => {
      const ref = await store.put(Buffer.alloc(1_000), 'image/png', { maxBytes: 1_000 });
      assert.equal(ref.sizeBytes, 1_000);
    });

    it('refuses one byte more, and keeps nothing of it', async () => {
      await assert.rejects(store.put(Buffer.alloc(1_001), 'image/png', { maxBytes: 1_000 }), isTooLarge);
      await nothingIsLeft();
    });

    it('stops reading an endless stream', async () => {
      let handed = 0;
      const endless = Readable.from(
        (function* () {
          for (;;) yield Buffer.alloc((handed += 1) && 1_000);
        })(),
      );
      await assert.rejects(store.put(endless, 'image/png', { maxBytes: 100_000 }), isTooLarge);
      assert.equal(endless.destroyed, true);
      assert.ok(handed < 1_000, `${handed} pieces were read`);
      await nothingIsLeft();
    });

    it('keeps nothing of what is not admitted, and tells what it would have been', async () => {
      let asked: AssetRef | undefined;
      const refuse = (ref: AssetRef): Promise<void> => {
        asked = ref;
        return Promise.reject(new Error('enough'));
      };
      await assert.rejects(store.put(Buffer.from('one more'), 'text/plain', { admit: refuse }), /enough/);
      assert.equal(asked?.sha256, sha256Of(Buffer.from('one more')));
      await nothingIsLeft();
    });
  });

  describe('a put that does not come to its end', () => {
    it('leaves nothing when its source breaks', async () => {
      const broken = Readable.from(
        (function* () {
          yield Buffer.from('the first half');
          throw new Error('the connection broke');
        })(),
      );
      await assert.rejects(store.put(broken, 'image/png'), /the connection broke/);
      await nothingIsLeft();
      assert.equal(await store.find(sha256Of(Buffer.from('the first half'))), null);
    });

    it('leaves nothing when its source is taken away, before or after its first bytes', async () => {
      const takeAway = [
        (source: Readable) => source.destroy(),
        (source: Readable) => setImmediate(() => source.destroy()),
        (source: Readable) => source.once('data', () => source.destroy()),
      ];
      for (const take of [...takeAway, ...takeAway, ...takeAway]) {
        const source = new Readable({ read() {} });
        source.push('the first half');
        const putting = store.put(source, 'image/png');
        take(source);
        await assert.rejects(putting, { code: 'ERR_STREAM_PREMATURE_CLOSE' });
        await nothingIsLeft();
      }
    });

    it('leaves nothing that counts when its process is killed', async () => {
      const settings = JSON.stringify(under.settings);
      const putter = startDoomed(new URL('putter-process.ts', import.meta.url), [settings, 'endless']);
      while (Number(await putter.nextLine()) < 1_000_000);
      await putter.kill();
      assert.deepEqual(await stored(), []);
      // The store works on beside what is left.
      const ref = await store.put(Buffer.from('whole'), 'text/plain');
      assert.equal((await store.read(ref)).toString(), 'whole');
    });
  });

  describe('open', () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251));

    it('gives everything, or the bytes from start to end, both included', async () => {
      const ref = await store.put(bytes, 'video/mp4');
      assert.deepEqual(await buffer(store.open(ref)), bytes);
      await fc.assert(
        fc.asyncProperty(fc.nat(299_999), fc.nat(299_999), async (a, b) => {
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          assert.deepEqual(await buffer(store.open(ref, { start, end })), bytes.subarray(start, end + 1));
        }),
        {
          numRuns: 20,
          examples: [
            [0, 0],
            [299_999, 299_999],
            [0, 299_999],
          ],
        },
      );
    });

    it('fails in the stream when the bytes are gone', async () => {
      const ref = await store.put(bytes, 'video/mp4');
      await under.lose(ref);
      await assert.rejects(buffer(store.open(ref)), failure('asset_missing'));
      await assert.rejects(store.read(ref), failure('asset_missing'));
      await assert.rejects(readLocally(store, ref), failure('asset_missing'));
    });

    it('lets go of the source when nobody reads on', async () => {
      const ref = await store.put(Buffer.alloc(5_000_000), 'video/mp4');
      for (let n = 0; n < 100; n++) {
        const stream = store.open(ref);
        stream.once('data', () => stream.destroy());
        await new Promise((resolve) => stream.once('close', resolve));
      }
      assert.equal((await store.read(ref)).length, 5_000_000);
    });
  });

  describe('what is damaged', () => {
    const content = Buffer.alloc(200_000, 'content');
    const flipped = Buffer.from(content);
    flipped[150_000]! ^= 1;

    it('is never handed out when a bit has flipped; the next put mends it', async () => {
      const ref = await store.put(content, 'text/plain');
      await under.overwrite(ref, flipped);
      await assert.rejects(store.read(ref), failure('asset_damaged'));
      await assert.rejects(readLocally(store, ref), failure('asset_damaged'));
      let received = 0;
      const stream = store.open(ref).on('data', (chunk: Buffer) => (received += chunk.byteLength));
      await assert.rejects(buffer(stream), failure('asset_damaged'));
      assert.ok(received < content.byteLength, 'whoever counts bytes never has the whole');

      assert.deepEqual(await store.put(content, 'text/plain'), ref);
      assert.deepEqual(await store.read(ref), content);
      assert.deepEqual(await readLocally(store, ref), content);
    });

    it('does not count as stored when it is cut short, and no part of it is served; the next put mends it', async () => {
      const ref = await store.put(content, 'text/plain');
      await under.overwrite(ref, content.subarray(0, 100_000));
      assert.equal(await store.find(ref.sha256), null);
      await assert.rejects(buffer(store.open(ref, { start: 0, end: 9 })), failure('asset_damaged'));
      await assert.rejects(buffer(store.open(ref, { start: 150_000, end: 150_009 })), failure('asset_damaged'));
      assert.deepEqual(await store.put(content, 'text/plain'), ref);
      assert.deepEqual(await buffer(store.open(ref, { start: 150_000, end: 199_999 })), content.subarray(150_000));
    });

    it('does not count as stored when it is gone; the next put mends it', async () => {
      const ref = await store.put(content, 'text/plain');
      await under.lose(ref);
      assert.equal(await store.find(ref.sha256), null);
      assert.deepEqual(await store.put(content, 'text/plain'), ref);
      assert.deepEqual(await store.read(ref), content);
    });
  });

  describe('list and remove', () => {
    it('tells everything there is, with its size and the time of its last put', async () => {
      const begun = Date.now();
      const refs = await Promise.all(
        Array.from({ length: 12 }, (_, n) => store.put(Buffer.alloc(n + 1, n), 'text/plain')),
      );
      const all = await collect(store.list());
      assert.deepEqual(
        all.map(({ sha256, sizeBytes }) => `${sha256} ${sizeBytes}`).sort(),
        refs.map(({ sha256, sizeBytes }) => `${sha256} ${sizeBytes}`).sort(),
      );
      for (const { storedAt } of all) assert.ok(Math.abs(storedAt.getTime() - begun) < 60_000);
    });

    it('forgets what is removed, and takes it again', async () => {
      const ref = await store.put(Buffer.from('for a while'), 'text/plain');
      await store.remove(ref.sha256);
      await store.remove(ref.sha256);
      assert.equal(await store.find(ref.sha256), null);
      assert.deepEqual(await stored(), []);
      assert.deepEqual(await store.put(Buffer.from('for a while'), 'text/plain'), ref);
    });
  });

  it('holds no film in memory', async () => {
    const megabytes = 128;
    const process = startDoomed(new URL('putter-process.ts', import.meta.url), [
      JSON.stringify({ ...under.settings, assetCacheBytes: 1 }),
      String(megabytes),
    ]);
    const { grownMegabytes, sizeBytes } = JSON.parse(await process.nextLine()) as Record<string, number>;
    await process.kill();
    assert.equal(sizeBytes, megabytes * 1024 * 1024);
    assert.ok((grownMegabytes ?? NaN) < megabytes * 0.8, `${grownMegabytes} MB more`);
  });

  it('gives files that stay while they are used', async () => {
    const refs = await Promise.all(['one', 'two'].map((text) => store.put(Buffer.from(text), 'text/plain')));
    await store.withLocalFiles([...refs, ...refs], {
      work: async (pathOf) => {
        for (const ref of refs) assert.equal((await stat(pathOf(ref))).size, 3);
      },
    });
    const gone = new Error('not needed any more');
    const none = store.withLocalFiles(refs, { work: () => assert.fail(), signal: AbortSignal.abort(gone) });
    await assert.rejects(none, gone);
  });
}
