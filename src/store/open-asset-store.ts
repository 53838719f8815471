import path from 'node:path';
import { PermanentError } from '../domain/errors.ts';
import { AssetCache } from './asset-cache.ts';
import type { AssetStore } from './asset-store.ts';
import { FolderAssetStore } from './folder-asset-store.ts';
import { FolderUploadIndex } from './folder-upload-index.ts';
import type { S3Settings } from './s3-client.ts';
import { StoreUnavailableError } from './store-unavailable.ts';
import type { UploadIndex } from './upload-index.ts';

export interface AssetStoreSettings {
  dataDir: string;
  /** Null: assets are files in the data folder. */
  s3: S3Settings | null;
  /** Limit of the local copies that an object store needs. */
  assetCacheBytes: number;
}

/** Which assets are uploads, kept beside them. */
export async function openUploadIndex({ dataDir, s3 }: AssetStoreSettings): Promise<UploadIndex> {
  if (s3 === null) return new FolderUploadIndex(path.join(dataDir, 'assets', 'uploads'));
  const { S3UploadIndex } = await import('./s3-upload-index.ts');
  return new S3UploadIndex(s3);
}

/**
 * The store that the configuration names: a folder, or an object store.
 * @throws PermanentError `asset_store_refused` that says which setting is wrong.
 */
export async function openAssetStore({ dataDir, s3, assetCacheBytes }: AssetStoreSettings): Promise<AssetStore> {
  if (s3 === null) return new FolderAssetStore(path.join(dataDir, 'assets'));
  // Loaded where it is used: the SDK takes a while, and most have a folder.
  const { S3AssetStore } = await import('./s3-asset-store.ts');
  const cache = new AssetCache({ dir: path.join(dataDir, 'asset-cache'), maxBytes: assetCacheBytes });
  const store = new S3AssetStore(s3, cache);
  await store.check().catch((error: unknown) => {
    if (!(error instanceof StoreUnavailableError)) throw error;
    if (error.remedy !== null) throw new PermanentError('asset_store_refused', error.message);
    // Away for a while: no reason not to start.
  });
  return store;
}
