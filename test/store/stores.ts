import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AssetRef } from '../../src/domain/asset.ts';
import type { AssetStore } from '../../src/store/asset-store.ts';
import { type AssetStoreSettings, openAssetStore } from '../../src/store/open-asset-store.ts';
import { createS3Client, type S3Settings } from '../../src/store/s3-client.ts';
import { startObjectStore } from './s3-server.ts';

/** One of the two stores, empty, with a way to its objects that goes around it. */
export interface StoreUnderTest {
  store: AssetStore;
  /** What another process needs to open the same store. */
  settings: AssetStoreSettings;
  /** The same store as another process sees it. */
  other(): Promise<AssetStore>;
  /** Puts other bytes where the content lies, as a damaged disk would. */
  overwrite(ref: AssetRef, bytes: Buffer): Promise<void>;
  /** Takes the content away. */
  lose(ref: AssetRef): Promise<void>;
  /** Everything on the local disk, by name. */
  localFiles(): Promise<string[]>;
  remove(): Promise<void>;
}

export interface StoreKind {
  name: string;
  start(): Promise<{ open(): Promise<StoreUnderTest>; stop(): Promise<void> }>;
}

export const STORES: StoreKind[] = [
  { name: 'FolderAssetStore', start: () => Promise.resolve({ open: openFolder, stop: () => Promise.resolve() }) },
  {
    name: 'S3AssetStore',
    start: async () => {
      const server = await startObjectStore();
      return { open: () => openS3(server.settings), stop: () => server.stop() };
    },
  },
];

const CACHE_BYTES = 64 * 1024 * 1024;
let opened = 0;

async function openFolder(): Promise<StoreUnderTest> {
  const under = await openOn(null);
  const fileOf = ({ sha256 }: AssetRef): string =>
    path.join(under.settings.dataDir, 'assets', 'objects', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  return {
    ...under,
    overwrite: (ref, bytes) => writeFile(fileOf(ref), bytes),
    lose: (ref) => rm(fileOf(ref)),
  };
}

/** Each has a prefix of its own, so that it is empty. */
export async function openS3(server: S3Settings, change: Partial<S3Settings> = {}): Promise<StoreUnderTest> {
  const s3 = { ...server, prefix: `${server.prefix}${++opened}/`, ...change };
  const client: S3Client = createS3Client({ ...server, timeoutMs: 10_000 });
  const at = ({ sha256 }: AssetRef) => ({
    Bucket: s3.bucket,
    Key: `${s3.prefix}objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`,
  });
  return {
    ...(await openOn(s3)),
    overwrite: async (ref, bytes) => {
      const { Metadata, ContentType } = await client.send(new HeadObjectCommand(at(ref)));
      await client.send(new PutObjectCommand({ ...at(ref), Metadata, ContentType, Body: bytes }));
    },
    lose: async (ref) => void (await client.send(new DeleteObjectCommand(at(ref)))),
  };
}

async function openOn(s3: S3Settings | null): Promise<Omit<StoreUnderTest, 'overwrite' | 'lose'>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'asset-store-test-'));
  const settings: AssetStoreSettings = { dataDir, s3, assetCacheBytes: CACHE_BYTES };
  return {
    settings,
    store: await openAssetStore(settings),
    other: () => openAssetStore(settings),
    localFiles: async () => {
      const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    },
    remove: () => rm(dataDir, { recursive: true, force: true }),
  };
}

/** The bytes of an asset as a program would read them. */
export const readLocally = (store: AssetStore, ref: AssetRef): Promise<Buffer> =>
  store.withLocalFiles([ref], { work: (pathOf) => readFile(pathOf(ref)) });

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
