import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { DatabaseUnavailable } from '../../src/database/errors.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import { builtProgram } from '../built-program.ts';
import { openUploadIndex } from '../../src/store/open-asset-store.ts';
import { prune, type Pruned } from '../../src/store/prune.ts';
import { createS3Client } from '../../src/store/s3-client.ts';
import type { UploadIndex } from '../../src/store/upload-index.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { startDoomed } from '../ledger/doomed-process.ts';
import { SET_UP_MS } from './s3-server.ts';
import { collect, type StoreKind, STORES, type StoreUnderTest } from './stores.ts';

const run = promisify(execFile);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SEGMENTS = { segmentCacheBytes: 100, segmentCacheDays: 7 };
const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);

for (const kind of STORES) describe(`pruning a ${kind.name}`, () => suite(kind));

function suite(kind: StoreKind): void {
  let database: TestDatabase;
  let started: Awaited<ReturnType<StoreKind['start']>>;
  let under: StoreUnderTest;
  let uploads: UploadIndex;
  before(
    async () => {
      database = await startEmbedded();
      started = await kind.start();
    },
    { timeout: SET_UP_MS },
  );
  after(async () => {
    await started.stop();
    await database.stop();
  });
  beforeEach(async () => {
    await database.empty();
    under = await started.open();
    uploads = openUploadIndex(under.settings, { database: database.database, assets: under.store });
  });
  afterEach(() => under.remove());

  const draftsRoot = (): string => path.join(under.settings.dataDir, 'drafts');
  const pruned = (retentionDays: number, options: { now?: Date; dryRun?: boolean } = {}): Promise<Pruned> =>
    prune(
      { ...under.settings, ...SEGMENTS, draftsRoot: draftsRoot(), retentionDays },
      { database: database.database, ...options },
    );
  const keep = (ref: AssetRef): Promise<void> =>
    uploads.admit(ref, { tenant: 'local', limits: { maxCount: 100, maxTotalBytes: 1e9 } });
  const put = (text: string): Promise<AssetRef> => under.store.put(Buffer.from(text), 'text/plain');
  const isKept = async (ref: AssetRef): Promise<boolean> => (await under.store.find(ref.sha256)) !== null;

  it('removes what nobody needs, once it is old, and no upload until it was forgotten', async () => {
    const [music, junk] = await Promise.all(['music', 'junk'].map(put));
    await keep(music!);
    assert.equal((await pruned(30, { now: inDays(29) })).assets, 0);
    const seen = await pruned(30, { now: inDays(31), dryRun: true });
    assert.deepEqual([seen.assets, seen.bytes, await isKept(junk!)], [1, 4, true]);
    const removed = await pruned(30, { now: inDays(31) });
    assert.deepEqual([removed.assets, removed.bytes], [1, 4]);
    assert.deepEqual(await Promise.all([music!, junk!].map(isKept)), [true, false]);
    await uploads.remove({ tenant: 'local', sha256: music!.sha256 });
    assert.equal((await pruned(30, { now: inDays(31) })).assets, 1);
    assert.deepEqual(await collect(under.store.list()), []);
  });

  it('keeps everything for ever unless a retention is set', async () => {
    const film = await put('film');
    assert.equal((await pruned(0, { now: inDays(5_000) })).assets, 0);
    assert.equal(await isKept(film), true);
  });

  it('never removes what was put within a day, whatever the retention', async () => {
    const fresh = await put('not referred to yet');
    assert.equal((await pruned(0.001, { now: inDays(0.9) })).assets, 0);
    assert.equal(await isKept(fresh), true);
  });

  it('leaves what was put again since it was listed', async () => {
    const again = await put('again');
    assert.equal(await under.store.remove(again.sha256, { storedBefore: inDays(-1) }), false);
    assert.equal(await isKept(again), true);
    assert.equal(await under.store.remove(again.sha256, { storedBefore: inDays(1) }), true);
    assert.equal(await isKept(again), false);
  });

  it('removes nothing while the database is away, which alone knows what is needed', async () => {
    const film = await put('film');
    await database.crash();
    await assert.rejects(pruned(1, { now: inDays(9) }), DatabaseUnavailable).finally(() => database.restart());
    assert.equal(await isKept(film), true);
    assert.equal((await pruned(1, { now: inDays(9) })).assets, 1);
  });

  it('forgets after a day an upload whose bytes never came', async () => {
    const there = await put('there');
    await keep(there);
    await keep({ ...there, sha256: 'e'.repeat(64) });
    assert.equal((await pruned(0)).uploads, 0);
    assert.equal((await pruned(0, { now: inDays(1.1) })).uploads, 1);
    assert.deepEqual(
      (await collect(uploads.list())).map(({ sha256 }) => sha256),
      [there.sha256],
    );
  });

  it('removes what a killed put has left, after a day', async () => {
    const settings = JSON.stringify(under.settings);
    const putter = startDoomed(new URL('putter-process.ts', import.meta.url), [settings, 'endless']);
    while (Number(await putter.nextLine()) < 500_000);
    await putter.kill();
    const leftovers = (await under.localFiles()).length;
    assert.ok(leftovers > 0);
    await pruned(0, { now: inDays(0.9) });
    assert.equal((await under.localFiles()).length, leftovers);
    await pruned(0, { now: inDays(1.1) });
    assert.deepEqual(await under.localFiles(), []);
  });

  if (kind.name === 'S3AssetStore') {
    it('ends after a day an upload in parts whose process died', async () => {
      const { bucket: Bucket, prefix } = under.settings.s3!;
      const client = createS3Client(under.settings.s3!);
      await client.send(new CreateMultipartUploadCommand({ Bucket, Key: `${prefix}objects/aa/bb/cc` }));
      const left = async (): Promise<number> => {
        const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix }));
        return Uploads.length;
      };
      assert.equal(await left(), 1);
      await pruned(0, { now: inDays(1.1) });
      assert.equal(await left(), 0);
    });
    return;
  }

  it('removes work folders a day after, and drafts of ours when they are old and nobody has edited them', async () => {
    const videoId = (n: number): string => `v${String(n).padStart(26, '0')}`;
    const folder = async (at: string, agedDays: number, editedDaysAgo = agedDays): Promise<void> => {
      const inner = path.join(under.settings.dataDir, at, 'deep');
      await mkdir(inner, { recursive: true });
      await writeFile(path.join(inner, 'file'), '');
      await utimes(path.join(inner, 'file'), inDays(-editedDaysAgo), inDays(-editedDaysAgo));
      for (const dir of [inner, path.dirname(inner)]) await utimes(dir, inDays(-agedDays), inDays(-agedDays));
    };
    await folder(`work/${videoId(1)}`, 2);
    await folder(`work/${videoId(2)}`, 0.5);
    await folder(`drafts/draft-${videoId(1)}`, 40);
    await folder(`drafts/draft-${videoId(2)}`, 40, 3);
    await folder(`drafts/draft-${videoId(3)}`, 20);
    await folder('drafts/holiday in Rome', 400);
    assert.deepEqual([(await pruned(0)).drafts, (await readdir(draftsRoot())).length], [0, 4]);
    const { drafts, workFolders } = await pruned(30);
    assert.deepEqual([drafts, workFolders], [1, 0]);
    assert.deepEqual(await readdir(path.join(under.settings.dataDir, 'work')), [videoId(2)]);
    assert.deepEqual(
      (await readdir(draftsRoot())).sort(),
      [`draft-${videoId(2)}`, `draft-${videoId(3)}`, 'holiday in Rome'].sort(),
    );
  });

  it('is a command, which fails while the database is away', async () => {
    const film = await put('film');
    const then = inDays(-3);
    const [first, second] = [film.sha256.slice(0, 2), film.sha256.slice(2, 4)];
    await utimes(path.join(under.settings.dataDir, 'assets/objects', first, second, film.sha256), then, then);
    await cp(path.join(under.settings.dataDir, 'assets'), path.join(database.environment['DATA_DIR']!, 'assets'), {
      ...{ recursive: true, preserveTimestamps: true },
    });
    const main = builtProgram('src/cli/main.js');
    const command = async (...args: string[]): Promise<string> => {
      const env = { ...process.env, ...database.environment, RETENTION_DAYS: '2', S3_BUCKET: '' };
      return (await run(process.execPath, [main, 'prune', ...args], { env })).stdout;
    };
    await database.crash();
    await assert.rejects(command(), { code: 1, stderr: /^Not pruned: the database is not available.*Start the stack/ });
    await database.restart();
    assert.match(await command('--dry-run'), /^Would remove 0 videos, 1 assets/);
    assert.match(await command(), /^Removed 0 videos, 1 assets \(0\.0 MB\), 0 drafts/);
    assert.match(await command(), /^Removed 0 videos, 0 assets/);
  });
}
