import path from 'node:path';
import type { Database } from '../database/database.ts';
import { PermanentError } from '../domain/errors.ts';
import { AssetCache } from './asset-cache.ts';
import type { AssetStore } from './asset-store.ts';
import { FolderAssetStore } from './folder-asset-store.ts';
import { FolderSegmentStore } from './folder-segment-store.ts';
import { folderUploadMarkers } from './folder-upload-markers.ts';
import { importUploadMarkers } from './import-upload-markers.ts';
import type { S3Settings } from './s3-client.ts';
import { NO_SEGMENTS, type SegmentStore } from './segment-store.ts';
import { StoreUnavailableError } from './store-unavailable.ts';
import { UploadIndex } from './upload-index.ts';

export interface AssetStoreSettings {
  dataDir: string;
  /** Null: assets are files in the data folder. */
  s3: S3Settings | null;
  /** Limit of the local copies that an object store needs. */
  assetCacheBytes: number;
}

/** Which assets are uploads; markers of an earlier release, beside the assets, are brought in before the first look. */
export function openUploadIndex(
  { dataDir, s3 }: AssetStoreSettings,
  { database, assets }: { database: Database; assets: AssetStore },
): UploadIndex {
  const prepare = async (): Promise<void> => {
    const markers =
      s3 === null
        ? folderUploadMarkers(path.join(dataDir, 'assets', 'uploads'))
        : new (await import('./s3-upload-markers.ts')).S3UploadMarkers(s3);
    await importUploadMarkers(markers, { database, assets });
  };
  return new UploadIndex({ database, prepare });
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

export interface SegmentStoreSettings extends Pick<AssetStoreSettings, 'dataDir' | 's3'> {
  /** 0: none are kept. */
  segmentCacheBytes: number;
}

/** Where encoded pieces of films are kept: beside the assets. */
export async function openSegmentStore({
  dataDir,
  s3,
  segmentCacheBytes,
}: SegmentStoreSettings): Promise<SegmentStore> {
  if (segmentCacheBytes === 0) return NO_SEGMENTS;
  if (s3 === null) return new FolderSegmentStore({ dir: path.join(dataDir, 'segments'), maxBytes: segmentCacheBytes });
  return new (await import('./s3-segment-store.ts')).S3SegmentStore(s3);
}
