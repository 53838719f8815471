import type { Database } from '../database/database.ts';
import { assets as assetRows } from '../database/schema.ts';
import type { AssetStore } from './asset-store.ts';
import type { Upload } from './upload-index.ts';

/** Nobody knows the type of an upload whose bytes have not come, or never will. */
const UNKNOWN_TYPE = 'application/octet-stream';
const BATCH = 16;

/** The empty markers beside the assets by which an earlier release knew uploads: `<tenant>/<sha256>.<size>`. */
export interface UploadMarkers {
  list(): AsyncIterable<Upload>;
  /** Takes them away, of whom all are rows now. */
  drop(): Promise<void>;
}

/**
 * Makes rows of markers. Many processes may do it at once, and one again what another did not finish: what has been
 * forgotten since stays forgotten. @throws DatabaseUnavailable, StoreUnavailableError.
 */
export async function importUploadMarkers(
  markers: UploadMarkers,
  { database, assets }: { database: Database; assets: AssetStore },
): Promise<void> {
  for await (const batch of batches(markers.list())) {
    const rows = await Promise.all(
      batch.map(async ({ addedAt, ...upload }) => {
        const { mediaType = UNKNOWN_TYPE } = (await assets.find(upload.sha256)) ?? {};
        return { ...upload, mediaType, origin: 'uploaded' as const, createdAt: addedAt };
      }),
    );
    await database.run((query) => query.insert(assetRows).values(rows).onConflictDoNothing());
  }
  await markers.drop();
}

/** Null for what is no marker. */
export function uploadFrom(marker: string): Omit<Upload, 'addedAt'> | null {
  const [, tenant, sha256, size] = /^([\w-]+)\/([0-9a-f]{64})\.(\d+)$/.exec(marker) ?? [];
  if (tenant === undefined || sha256 === undefined) return null;
  return { tenant, sha256, sizeBytes: Number(size) };
}

async function* batches<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    if (batch.push(item) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
