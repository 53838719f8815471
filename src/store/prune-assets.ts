import type { AssetStore } from './asset-store.ts';
import type { UploadIndex } from './upload-index.ts';

/** Nothing younger is removed: a put may not be referred to yet, and no run lasts this long between put and reference. */
export const GRACE_MS = 24 * 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

export interface PruneAssetsOptions {
  assets: AssetStore;
  uploads: UploadIndex;
  /** 0 keeps for ever what was made. */
  retentionDays: number;
  /** sha256 of everything that a video needs, its timeline and what that names among them. */
  referencedAssets: () => AsyncIterable<string>;
  now: Date;
  /** Counts only. */
  dryRun: boolean;
}

export interface PrunedAssets {
  assets: number;
  bytes: number;
  /** Marks of uploads whose bytes never arrived. */
  uploads: number;
}

/** Removes what no video and no upload needs and was last put before the time of retention. */
export async function pruneAssets(options: PruneAssetsOptions): Promise<PrunedAssets> {
  const { assets, retentionDays, now, dryRun } = options;
  const uploads = await forgetEmptyUploads(options);
  if (!dryRun) await assets.tidy(new Date(now.getTime() - GRACE_MS));
  const pruned = { assets: 0, bytes: 0, uploads };
  if (retentionDays === 0) return pruned;
  // All of it is known before anything is removed: a list that fails half way removes nothing.
  const needed = await neededAssets(options);
  const storedBefore = new Date(now.getTime() - Math.max(retentionDays * DAY_MS, GRACE_MS));
  for await (const { sha256, sizeBytes, storedAt } of assets.list()) {
    if (storedAt >= storedBefore || needed.has(sha256)) continue;
    if (!dryRun && !(await assets.remove(sha256, { storedBefore }))) continue;
    pruned.assets += 1;
    pruned.bytes += sizeBytes;
  }
  return pruned;
}

async function neededAssets({ uploads, referencedAssets }: PruneAssetsOptions): Promise<Set<string>> {
  const needed = new Set<string>();
  for await (const sha256 of referencedAssets()) needed.add(sha256);
  for await (const { sha256 } of uploads.list()) needed.add(sha256);
  return needed;
}

/** Noted by a gateway that died before the bytes were stored. */
async function forgetEmptyUploads({ assets, uploads, now, dryRun }: PruneAssetsOptions): Promise<number> {
  let forgotten = 0;
  for await (const upload of uploads.list()) {
    if (now.getTime() - upload.addedAt.getTime() < GRACE_MS || (await assets.find(upload.sha256)) !== null) continue;
    if (!dryRun) await uploads.remove(upload);
    forgotten += 1;
  }
  return forgotten;
}
