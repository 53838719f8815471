import type { Database } from '../database/database.ts';
import { GRACE_MS } from '../domain/retention.ts';
import { type Old, unfinishedSince } from '../read-model/old-videos.ts';
import type { AssetStore, StoredAsset } from './asset-store.ts';
import { referencedAssets } from './referenced-assets.ts';
import type { UploadIndex } from './upload-index.ts';

export interface PruneAssetsOptions {
  database: Database;
  assets: AssetStore;
  uploads: UploadIndex;
  /** Null keeps for ever what was made. */
  old: Old | null;
  /** Videos that have been removed, or would be. */
  gone: string[];
  /** What was begun before and never ended is left over. */
  left: Date;
  /** Counts only. */
  dryRun: boolean;
}

export interface PrunedAssets {
  assets: number;
  bytes: number;
}

/** Removes what no video and no upload needs and was last put before the time of retention. */
export async function pruneAssets(options: PruneAssetsOptions): Promise<PrunedAssets> {
  const { database, assets, old, left, dryRun } = options;
  if (!dryRun) await assets.tidy(left);
  const pruned = { assets: 0, bytes: 0 };
  if (old === null) return pruned;
  const storedBefore = await beforeAnythingUnfinished(database, old.endedBefore);
  const candidates: StoredAsset[] = [];
  for await (const asset of assets.list()) if (asset.storedAt < storedBefore) candidates.push(asset);
  if (candidates.length === 0) return pruned;
  // All of it is known before anything is removed: a list that fails half way removes nothing.
  const needed = await neededAssets(options, old);
  for (const { sha256, sizeBytes } of candidates) {
    if (needed.has(sha256)) continue;
    if (!dryRun && !(await assets.remove(sha256, { storedBefore }))) continue;
    pruned.assets += 1;
    pruned.bytes += sizeBytes;
  }
  return pruned;
}

/** Whatever a run under way has put, the database need not have heard of; it was put after the run began. */
async function beforeAnythingUnfinished(database: Database, endedBefore: Date): Promise<Date> {
  const since = await unfinishedSince(database);
  return since === null ? endedBefore : new Date(Math.min(endedBefore.getTime(), since.getTime() - GRACE_MS));
}

async function neededAssets({ database, assets, uploads, gone }: PruneAssetsOptions, old: Old): Promise<Set<string>> {
  const needed = new Set<string>();
  for await (const sha256 of referencedAssets({ database, assets, without: new Set(gone) })) needed.add(sha256);
  for await (const sha256 of uploads.wantedSince(new Date(old.now.getTime() - GRACE_MS))) needed.add(sha256);
  return needed;
}
