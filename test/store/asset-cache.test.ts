import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { AssetRef } from '../../src/domain/asset.ts';
import { AssetCache } from '../../src/store/asset-cache.ts';
import { until } from '../until.ts';
import { startDoomed } from '../ledger/doomed-process.ts';

const run = promisify(execFile);
const BYTES = 1_000;

/** An asset of its own, by number. */
function asset(n: number): { ref: AssetRef; bytes: Buffer } {
  const bytes = Buffer.alloc(BYTES, `asset ${n} `);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, ref: { uri: `asset:${sha256}`, mediaType: 'text/plain', sizeBytes: BYTES, sha256 } };
}

describe('AssetCache', () => {
  let dir: string;
  let fetched: AssetRef[];
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'asset-cache-test-'));
    fetched = [];
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const names = (folder: string): Promise<string[]> => readdir(path.join(dir, folder)).catch(() => []);
  const open = (ref: AssetRef): Readable => {
    fetched.push(ref);
    const known = Array.from({ length: 20 }, (_, n) => asset(n)).find((each) => each.ref.sha256 === ref.sha256);
    return Readable.from([known!.bytes]);
  };
  const use = <Result>(
    cache: AssetCache,
    ns: number[],
    work: (read: (n: number) => Promise<Buffer>) => Promise<Result>,
  ) =>
    cache.withFiles(
      ns.map((n) => asset(n).ref),
      { open, work: (pathOf) => work((n) => readFile(pathOf(asset(n).ref))) },
    );
  const touch = (cache: AssetCache, n: number) => use(cache, [n], () => Promise.resolve());
  const nothingUnderWay = async (): Promise<void> => {
    assert.deepEqual([await names('in-use'), await names('incoming')], [[], []]);
  };

  it('fetches once, however many want it and however often', async () => {
    const cache = new AssetCache({ dir, maxBytes: 1e6 });
    const all = await Promise.all(Array.from({ length: 8 }, () => use(cache, [1, 1], (read) => read(1))));
    for (const bytes of all) assert.deepEqual(bytes, asset(1).bytes);
    await touch(new AssetCache({ dir, maxBytes: 1e6 }), 1);
    assert.equal(fetched.length, 1);
    await nothingUnderWay();
  });

  it('evicts what was used longest ago', async () => {
    const cache = new AssetCache({ dir, maxBytes: 3 * BYTES });
    for (const n of [1, 2, 3]) await touch(cache, n);
    // As if an hour lay between them, and the first had been used again since.
    for (const [n, hoursAgo] of [
      [2, 3],
      [3, 2],
      [1, 1],
    ] as const) {
      const then = new Date(Date.now() - hoursAgo * 3_600_000);
      await utimes(path.join(dir, 'objects', asset(n).ref.sha256), then, then);
    }
    await touch(cache, 2);
    await touch(cache, 4);
    assert.deepEqual((await names('objects')).sort(), [1, 2, 4].map((n) => asset(n).ref.sha256).sort());
  });

  it('never takes a file away from who uses it', async () => {
    const cache = new AssetCache({ dir, maxBytes: 2 * BYTES });
    await use(cache, [1, 2, 3, 4, 5], async (read) => {
      for (const n of [6, 7, 8, 9]) await touch(new AssetCache({ dir, maxBytes: 0 }), n);
      assert.deepEqual(await names('objects'), []);
      for (const n of [1, 2, 3, 4, 5]) assert.deepEqual(await read(n), asset(n).bytes);
    });
    await nothingUnderWay();
  });

  it('fetches again what is damaged', async () => {
    const cache = new AssetCache({ dir, maxBytes: 1e6 });
    await touch(cache, 1);
    await writeFile(path.join(dir, 'objects', asset(1).ref.sha256), Buffer.alloc(BYTES, 'rust'));
    assert.deepEqual(await use(cache, [1], (read) => read(1)), asset(1).bytes);
    assert.equal(fetched.length, 2);
  });

  it('leaves nothing behind when fetching or the work fails, and goes on', async () => {
    const cache = new AssetCache({ dir, maxBytes: 1e6 });
    const broken = () =>
      Readable.from(
        (function* () {
          yield Buffer.from('half');
          throw new Error('cut');
        })(),
      );
    const refs = [1, 2, 3, 4, 5, 6].map((n) => asset(n).ref);
    await assert.rejects(cache.withFiles(refs, { open: broken, work: () => assert.fail() }), /cut/);
    await nothingUnderWay();
    assert.deepEqual(await names('objects'), []);
    await assert.rejects(
      use(cache, [1], () => Promise.reject(new Error('no film'))),
      /no film/,
    );
    await nothingUnderWay();
    assert.deepEqual(await use(cache, [1], (read) => read(1)), asset(1).bytes);
  });

  it('gives up at once when it is told to, with the reason', async () => {
    const cache = new AssetCache({ dir, maxBytes: 1e6 });
    const stop = new AbortController();
    const silent = (): Readable => new Readable({ read: () => void setImmediate(() => stop.abort(reason)) });
    const reason = new Error('cancelled');
    const fetching = cache.withFiles([asset(1).ref], { open: silent, signal: stop.signal, work: () => assert.fail() });
    await assert.rejects(fetching, reason);
    await nothingUnderWay();
  });

  it('is shared by processes that fetch, use and evict at the same time', async () => {
    const script = new URL('cache-user-process.ts', import.meta.url);
    const users = Array.from({ length: 3 }, () => startDoomed(script, [dir, String(3 * BYTES)]));
    for (const user of users) assert.equal(await user.nextLine(), 'all were right');
    await Promise.all(users.map((user) => user.kill()));
    await nothingUnderWay();
    assert.ok((await names('objects')).length <= 3);
  });

  it('removes what a process that was killed has left, and nothing that began later', async () => {
    const cache = new AssetCache({ dir, maxBytes: 1e6 });
    const killed = startDoomed(new URL('cache-user-process.ts', import.meta.url), [dir, 'hold']);
    await killed.nextLine();
    await killed.kill();
    await until('its lease is there', async () => (await names('in-use')).length === 1);
    await cache.tidy(new Date(Date.now() - 60_000));
    assert.equal((await names('in-use')).length, 1);
    await cache.tidy(new Date(Date.now() + 60_000));
    assert.equal((await names('in-use')).length, 0);
  });

  it('fails and leaves no half file when there is no room, and works once there is', async () => {
    const script = new URL('cache-user-process.ts', import.meta.url).pathname;
    const limited = ['--fsize=500', process.execPath, '--import', 'tsx', script, dir, 'once'];
    await assert.rejects(run('prlimit', limited, { env: { ...process.env, TSX_DISABLE_CACHE: '1' } }), /EFBIG/);
    await nothingUnderWay();
    assert.deepEqual(await names('objects'), []);
    const cache = new AssetCache({ dir, maxBytes: 1e6 });
    await touch(cache, 1);
    assert.equal((await stat(path.join(dir, 'objects', asset(1).ref.sha256))).size, BYTES);
  });

  it('makes room in a full disk by what nobody uses', async () => {
    const cache = new AssetCache({ dir, maxBytes: 1e6 });
    for (const n of [1, 2]) await touch(cache, n);
    let full = true;
    const openOnFullDisk = (ref: AssetRef): Readable => {
      if (!full) return open(ref);
      full = false;
      return new Readable({
        read() {
          this.destroy(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
        },
      });
    };
    await cache.withFiles([asset(3).ref], { open: openOnFullDisk, work: () => Promise.resolve() });
    assert.deepEqual(await names('objects'), [asset(3).ref.sha256]);
  });
});
