import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { assets as assetRows } from '../../src/database/schema.ts';
import { openUploadIndex } from '../../src/store/open-asset-store.ts';
import { createS3Client } from '../../src/store/s3-client.ts';
import type { UploadIndex } from '../../src/store/upload-index.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { SET_UP_MS } from './s3-server.ts';
import { collect, type StoreKind, STORES, type StoreUnderTest } from './stores.ts';

for (const kind of STORES) describe(`uploads that an earlier release has marked in a ${kind.name}`, () => suite(kind));

function suite(kind: StoreKind): void {
  let database: TestDatabase;
  let started: Awaited<ReturnType<StoreKind['start']>>;
  let under: StoreUnderTest;
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
  });
  afterEach(() => under.remove());

  const gateway = (): UploadIndex =>
    openUploadIndex(under.settings, { database: database.database, assets: under.store });
  const kept = async (index: UploadIndex): Promise<string[]> =>
    (await collect(index.list())).map(({ tenant, sha256, sizeBytes }) => `${tenant} ${sha256} ${sizeBytes}`).sort();

  async function mark(name: string): Promise<void> {
    const { s3, dataDir } = under.settings;
    if (s3 !== null) {
      const object = { Bucket: s3.bucket, Key: `${s3.prefix}uploads/${name}`, Body: Buffer.alloc(0) };
      await createS3Client(s3).send(new PutObjectCommand(object));
      return;
    }
    const file = path.join(dataDir, 'assets', 'uploads', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, '');
  }

  async function marks(): Promise<string[]> {
    const { s3, dataDir } = under.settings;
    if (s3 === null) return readdir(path.join(dataDir, 'assets', 'uploads')).catch(() => []);
    const list = new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: `${s3.prefix}uploads/` });
    return ((await createS3Client(s3).send(list)).Contents ?? []).map(({ Key = '' }) => Key);
  }

  it('are brought in before the first look, by whoever looks, and what is forgotten stays so', async () => {
    const music = await under.store.put(Buffer.from('music'), 'audio/mpeg');
    const lost = 'e'.repeat(64);
    await mark(`local/${music.sha256}.5`);
    await mark(`other/${lost}.7`);
    const both = [`local ${music.sha256} 5`, `other ${lost} 7`];
    assert.deepEqual(await Promise.all([kept(gateway()), kept(gateway())]), [both, both]);
    assert.deepEqual(await marks(), []);
    const types = await database.database.run((query) => query.select().from(assetRows));
    assert.deepEqual(types.map(({ mediaType }) => mediaType).sort(), ['application/octet-stream', 'audio/mpeg']);

    assert.equal(await gateway().remove({ tenant: 'local', sha256: music.sha256 }), true);
    await mark(`local/${music.sha256}.5`); // as if another process had not been done with it
    assert.deepEqual(await kept(gateway()), [`other ${lost} 7`]);
  });

  it('are counted against the limits', async () => {
    for (const digit of ['1', '2', '3']) await mark(`local/${digit.repeat(64)}.5`);
    const picture = await under.store.put(Buffer.from('picture'), 'image/png');
    const limits = { maxCount: 3, maxTotalBytes: 1e9 };
    await assert.rejects(gateway().admit(picture, { tenant: 'local', limits }), /3 uploads/);
  });
}
