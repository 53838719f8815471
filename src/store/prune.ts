import path from 'node:path';
import { openAssetStore, openUploadIndex, type AssetStoreSettings } from './open-asset-store.ts';
import { GRACE_MS, pruneAssets, type PrunedAssets } from './prune-assets.ts';
import { pruneFolders } from './prune-folders.ts';

/** Our drafts by name; what else lies in the app's folder is the user's. */
const DRAFT = /^draft-v[0-9A-Z]{26}$/;
const DAY_MS = 24 * 60 * 60_000;

export interface PruneSettings extends AssetStoreSettings {
  draftsRoot: string;
  /** 0 keeps films, their parts and drafts for ever. */
  retentionDays: number;
}

export interface Pruned extends PrunedAssets {
  /** Of runs that ended without tidying up. */
  workFolders: number;
  drafts: number;
}

/**
 * Removes what nobody needs: assets and drafts older than the retention, and a day after, whatever processes that died have
 * left. `referencedAssets` gives the sha256 of what videos need; without it age alone decides.
 */
export async function prune(
  settings: PruneSettings,
  {
    referencedAssets = noAssets,
    now = new Date(),
    dryRun = false,
  }: { referencedAssets?: () => AsyncIterable<string>; now?: Date; dryRun?: boolean } = {},
): Promise<Pruned> {
  const { dataDir, draftsRoot, retentionDays } = settings;
  const [assets, uploads] = await Promise.all([openAssetStore(settings), openUploadIndex(settings)]);
  const pruned = await pruneAssets({ assets, uploads, retentionDays, referencedAssets, now, dryRun });
  const before = (ageMs: number): Date => new Date(now.getTime() - ageMs);
  const workFolders = await pruneFolders({
    ...{ within: path.join(dataDir, 'work'), named: /./, unchangedSince: before(GRACE_MS), dryRun },
  });
  const ageMs = Math.max(retentionDays * DAY_MS, GRACE_MS);
  const drafts =
    retentionDays === 0
      ? 0
      : await pruneFolders({ within: draftsRoot, named: DRAFT, unchangedSince: before(ageMs), dryRun });
  return { ...pruned, workFolders, drafts };
}

async function* noAssets(): AsyncGenerator<string> {}
