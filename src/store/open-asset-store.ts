import path from 'node:path';
import { AssetCache } from './asset-cache.ts';
import type { AssetStore } from './asset-store.ts';
import { FolderAssetStore } from './folder-asset-store.ts';
import type { S3Settings } from './s3-client.ts';

export interface AssetStoreSettings {
  dataDir: string;
  /** Null: assets are files in the data folder. */
  s3: S3Settings | null;
  /** Limit of the local copies that an object store needs. */
  assetCacheBytes: number;
}

/** The store that the configuration names: a folder, or an object store. */
export async function openAssetStore({ dataDir, s3, assetCacheBytes }: AssetStoreSettings): Promise<AssetStore> {
  if (s3 === null) return new FolderAssetStore(path.join(dataDir, 'assets'));
  // Loaded where it is used: the SDK takes a while, and most have a folder.
  const { S3AssetStore } = await import('./s3-asset-store.ts');
  return new S3AssetStore(s3, new AssetCache({ dir: path.join(dataDir, 'asset-cache'), maxBytes: assetCacheBytes }));
}
