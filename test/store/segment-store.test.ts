import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { openSegmentStore } from '../../src/store/open-asset-store.ts';
import { createS3Client } from '../../src/store/s3-client.ts';
import type { SegmentStore } from '../../src/store/segment-store.ts';
import { SET_UP_MS } from './s3-server.ts';
import { type StoreKind, STORES, type StoreUnderTest } from './stores.ts';

const DAY_MS = 24 * 60 * 60_000;
const LONG_AGO = new Date(0);

for (const kind of STORES) describe(`segments beside a ${kind.name}`, () => suite(kind));

function suite(kind: StoreKind): void {
  let started: Awaited<ReturnType<StoreKind['start']>>;
  let under: StoreUnderTest;
  let segments: SegmentStore;
  before(async () => void (started = await kind.start()), { timeout: SET_UP_MS });
  after(() => started.stop());
  beforeEach(async () => {
    under = await started.open();
    segments = await openSegmentStore({ ...under.settings, segmentCacheBytes: 1e9 });
  });
  afterEach(() => under.remove());

  const file = (name: string): string => path.join(under.settings.dataDir, name);
  const keyOf = (name: string): string => createHash('sha256').update(name).digest('hex');
  async function added(name: string, content = name): Promise<void> {
    await writeFile(file(name), content);
    await segments.add(keyOf(name), file(name));
  }
  const taken = async (name: string): Promise<string | null> =>
    (await segments.take(keyOf(name), file(`${name}-taken`))) ? readFile(file(`${name}-taken`), 'utf8') : null;

  it('are given as they were kept, also to another process, and the file stays where it was', async () => {
    assert.equal(await taken('body'), null);
    await added('body');
    await added('body');
    assert.equal(await readFile(file('body'), 'utf8'), 'body');
    segments = await openSegmentStore({ ...under.settings, segmentCacheBytes: 1e9 });
    assert.equal(await taken('body'), 'body');
    await segments.remove(keyOf('body'));
    await segments.remove(keyOf('body'));
    assert.equal(await segments.take(keyOf('body'), file('other')), false);
  });

  it('are not given when they are damaged, and mended by the next that is kept', async () => {
    await added('body');
    await damage('body');
    assert.equal(await taken('body'), null);
    await added('body');
    assert.equal(await taken('body'), 'body');
  });

  it('go by age, then by what was used longest ago; what is in use stays with its user', async () => {
    for (const name of ['one', 'two', 'three']) {
      await added(name, name.padEnd(1000));
      if (under.settings.s3 === null) await utimes(file(name), new Date(), new Date(Date.now() - DAY_MS));
      // An object store's clock counts seconds.
      else await new Promise((resolve) => setTimeout(resolve, 1_100));
    }
    assert.notEqual(await taken('one'), null);
    const dry = await segments.prune({ usedSince: LONG_AGO, maxBytes: 2500, dryRun: true });
    assert.deepEqual(dry, { segments: 1, bytes: 1000 });
    assert.deepEqual(await segments.prune({ usedSince: LONG_AGO, maxBytes: 2500 }), { segments: 1, bytes: 1000 });
    assert.deepEqual(await segments.prune({ usedSince: LONG_AGO, maxBytes: 2500 }), { segments: 0, bytes: 0 });
    const soon = new Date(Date.now() + DAY_MS);
    assert.deepEqual(await segments.prune({ usedSince: soon, maxBytes: 1e9 }), { segments: 2, bytes: 2000 });
    assert.equal((await readFile(file('one-taken'), 'utf8')).trim(), 'one');
  });

  it('no assets: nobody lists them, or backs them up', async () => {
    await added('body');
    for await (const asset of under.store.list()) assert.fail(`listed: ${asset.sha256}`);
  });

  it('are not kept where they are not wanted', async () => {
    segments = await openSegmentStore({ ...under.settings, segmentCacheBytes: 0 });
    await added('body');
    assert.equal(await taken('body'), null);
  });

  /** Other bytes under the same name. */
  async function damage(name: string): Promise<void> {
    const { s3, dataDir } = under.settings;
    const key = keyOf(name);
    if (s3 === null) {
      const stored = path.join(dataDir, 'segments', key.slice(0, 2), `${key}.${keyOf(name)}`);
      await writeFile(stored, 'bodz');
      return;
    }
    const at = { Bucket: s3.bucket, Key: `${s3.prefix}segments/${key.slice(0, 2)}/${key}` };
    await createS3Client(s3).send(new PutObjectCommand({ ...at, Body: 'bodz', Metadata: { sha256: keyOf(name) } }));
  }
}
