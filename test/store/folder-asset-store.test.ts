import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { access, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { PermanentError } from '../../src/domain/errors.ts';
import { FolderAssetStore } from '../../src/store/folder-asset-store.ts';
import { startDoomed } from '../ledger/doomed-process.ts';

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const isTooLarge = (error: unknown) => error instanceof PermanentError && error.code === 'asset_too_large';

describe('FolderAssetStore', () => {
  let dir: string;
  let store: FolderAssetStore;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'asset-store-test-'));
    store = new FolderAssetStore(dir);
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  /** All files of the store, wherever they are. */
  const files = async (): Promise<string[]> => {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  };

  it('knows what it is given by its content, and gives it back byte by byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200_000 }), async (content) => {
        const bytes = Buffer.from(content);
        const sha256 = sha256Of(bytes);
        const ref = await store.put(bytes, 'image/png');
        assert.deepEqual(ref, { uri: `asset:${sha256}`, mediaType: 'image/png', sizeBytes: bytes.length, sha256 });
        assert.deepEqual(await store.read(ref), bytes);
        assert.deepEqual(await store.find(sha256), ref);
        assert.equal((await stat(store.localPath(ref))).size, bytes.length);
      }),
      { numRuns: 20 },
    );
  });

  it('takes a stream like a buffer', async () => {
    const pieces = Array.from({ length: 50 }, (_, n) => Buffer.alloc(10_000, n));
    const ref = await store.put(Readable.from(pieces), 'audio/wav');
    assert.equal(ref.sha256, sha256Of(Buffer.concat(pieces)));
    assert.deepEqual(await store.put(Buffer.concat(pieces), 'audio/wav'), ref);
  });

  it('is the same store for another process on the same folder', async () => {
    const ref = await store.put(Buffer.from('hello'), 'text/plain');
    const other = new FolderAssetStore(dir);
    assert.deepEqual(await other.find(ref.sha256), ref);
    assert.equal((await other.read(ref)).toString(), 'hello');
  });

  it('does not know what it was never given', async () => {
    assert.equal(await store.find(sha256Of(Buffer.from('never'))), null);
  });

  it('takes a file over', async () => {
    const film = path.join(dir, 'film.mp4');
    for (const time of ['first', 'again']) {
      await writeFile(film, 'the film');
      const ref = await store.putFile(film, 'video/mp4');
      assert.equal((await store.read(ref)).toString(), 'the film', time);
      await assert.rejects(access(film), { code: 'ENOENT' });
    }
  });

  it('keeps one copy, and no unfinished file, of what many put at once', async () => {
    const bytes = Buffer.alloc(300_000, 'same');
    const stores = [store, new FolderAssetStore(dir)];
    const refs = await Promise.all(Array.from({ length: 12 }, (_, n) => stores[n % 2]!.put(bytes, 'image/png')));
    for (const ref of refs) assert.deepEqual(ref, refs[0]);
    assert.deepEqual((await files()).sort(), [refs[0]!.sha256, `${refs[0]!.sha256}.json`]);
    assert.deepEqual(await store.read(refs[0]!), bytes);
  });

  describe('with a limit', () => {
    it('takes what is just as large', async () => {
      const ref = await store.put(Buffer.alloc(1_000), 'image/png', { maxBytes: 1_000 });
      assert.equal(ref.sizeBytes, 1_000);
    });

    it('refuses one byte more, and keeps nothing of it', async () => {
      await assert.rejects(store.put(Buffer.alloc(1_001), 'image/png', { maxBytes: 1_000 }), isTooLarge);
      assert.deepEqual(await files(), []);
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
      assert.deepEqual(await files(), []);
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
      assert.deepEqual(await files(), []);
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
        assert.deepEqual(await files(), []);
      }
    });

    it('leaves nothing that counts when its process is killed', async () => {
      const putter = startDoomed(new URL('putter-process.ts', import.meta.url), [dir]);
      while (Number(await putter.nextLine()) < 1_000_000);
      await putter.kill();
      const objects = await readdir(path.join(dir, 'objects')).catch(() => []);
      assert.deepEqual(objects, []);
      // The store works on beside what is left.
      const ref = await store.put(Buffer.from('whole'), 'text/plain');
      assert.equal((await store.read(ref)).toString(), 'whole');
    });
  });

  describe('open', () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, n) => n % 251));

    it('gives everything, or the bytes from start to end, both included', async () => {
      const ref = await store.put(bytes, 'video/mp4');
      assert.deepEqual(await buffer(store.open(ref)), bytes);
      await fc.assert(
        fc.asyncProperty(fc.nat(99_999), fc.nat(99_999), async (a, b) => {
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          assert.deepEqual(await buffer(store.open(ref, { start, end })), bytes.subarray(start, end + 1));
        }),
        {
          numRuns: 30,
          examples: [
            [0, 0],
            [99_999, 99_999],
            [0, 99_999],
          ],
        },
      );
    });

    it('fails in the stream when the bytes are gone', async () => {
      const ref = await store.put(bytes, 'video/mp4');
      await rm(store.localPath(ref));
      await assert.rejects(buffer(store.open(ref)), { code: 'ENOENT' });
    });
  });

  describe('what is damaged on disk', () => {
    const damages: [string, (object: string) => Promise<unknown>][] = [
      ['the reference is torn', (object) => writeFile(`${object}.json`, '{"uri": "asset:')],
      ['the reference is empty', (object) => writeFile(`${object}.json`, '')],
      ['the reference is gone', (object) => rm(`${object}.json`)],
      ['the content is gone', (object) => rm(object)],
      ['the content is cut short', (object) => writeFile(object, 'con')],
    ];
    for (const [what, damage] of damages) {
      it(`does not count as stored when ${what}; the next put mends it`, async () => {
        const ref = await store.put(Buffer.from('content'), 'text/plain');
        await damage(store.localPath(ref));
        assert.equal(await store.find(ref.sha256), null);
        assert.deepEqual(await store.put(Buffer.from('content'), 'text/plain'), ref);
        assert.deepEqual(await store.find(ref.sha256), ref);
        assert.equal((await store.read(ref)).toString(), 'content');
      });
    }
  });
});
