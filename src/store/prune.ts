import path from 'node:path';
import type { Database } from '../database/database.ts';
import { GRACE_MS, keptSince } from '../domain/retention.ts';
import { forgetAnswers } from '../ledger/forget-answers.ts';
import { findOldVideos, type Old, removeOldVideos } from '../read-model/old-videos.ts';
import {
  openAssetStore,
  openSegmentStore,
  openUploadIndex,
  type AssetStoreSettings,
  type SegmentStoreSettings,
} from './open-asset-store.ts';
import { pruneAssets, type PrunedAssets } from './prune-assets.ts';
import { pruneFolders } from './prune-folders.ts';
import { pruneUploads } from './prune-uploads.ts';
import type { PrunedSegments } from './segment-store.ts';
import { forgetStills } from './still-catalogue.ts';

/** Our drafts by name; what else lies in the app's folder is the user's. */
const DRAFT = /^draft-v[0-9A-Z]{26}$/;

const DAY_MS = 24 * 60 * 60_000;

export interface PruneSettings extends AssetStoreSettings, SegmentStoreSettings {
  /** Encoded pieces of films that were not used for so long are not kept, nor any longer than films. */
  segmentCacheDays: number;
  draftsRoot: string;
  /** 0 keeps films, their parts and drafts for ever. */
  retentionDays: number;
}

export interface Pruned extends PrunedAssets {
  videos: number;
  /** Marks of uploads whose bytes never arrived. */
  uploads: number;
  /** Of runs that ended without tidying up. */
  workFolders: number;
  drafts: number;
  /** Encoded pieces of films. */
  segments: number;
  segmentBytes: number;
}

/**
 * Removes what nobody needs: videos older than the retention, then the assets that no video and no upload needs, and
 * drafts as old; a day after, whatever processes that died have left.
 * @throws DatabaseUnavailable: nothing is removed of which the database would have to say that nobody needs it.
 */
export async function prune(
  settings: PruneSettings,
  { database, now = new Date(), dryRun = false }: { database: Database; now?: Date; dryRun?: boolean },
): Promise<Pruned> {
  const { dataDir, draftsRoot, retentionDays } = settings;
  const assets = await openAssetStore(settings);
  const uploads = openUploadIndex(settings, { database, assets });
  const left = new Date(now.getTime() - GRACE_MS);
  const endedBefore = keptSince({ retentionDays, now });
  const old = endedBefore === null ? null : { endedBefore, now };

  const unfinished = await pruneUploads({ uploads, assets, before: left, dryRun });
  const gone = old === null ? [] : await pruneVideos(database, { old, dryRun });
  const pruned = await pruneAssets({ database, assets, uploads, old, gone, left, dryRun });
  const workFolders = await pruneFolders({
    ...{ within: path.join(dataDir, 'work'), named: /./, unchangedSince: left, dryRun },
  });
  const drafts =
    endedBefore === null
      ? 0
      : await pruneFolders({ within: draftsRoot, named: DRAFT, unchangedSince: endedBefore, dryRun });
  const { segments, bytes: segmentBytes } = await pruneSegments(settings, { now, dryRun });
  return { videos: gone.length, ...pruned, uploads: unfinished, workFolders, drafts, segments, segmentBytes };
}

async function pruneSegments(
  settings: PruneSettings,
  { now, dryRun }: { now: Date; dryRun: boolean },
): Promise<PrunedSegments> {
  const { segmentCacheBytes: maxBytes, segmentCacheDays, retentionDays } = settings;
  const days = retentionDays === 0 ? segmentCacheDays : Math.min(segmentCacheDays, Math.max(retentionDays, 1));
  const store = await openSegmentStore(settings);
  return store.prune({ usedSince: new Date(now.getTime() - days * DAY_MS), maxBytes, dryRun });
}

async function pruneVideos(database: Database, { old, dryRun }: { old: Old; dryRun: boolean }): Promise<string[]> {
  if (dryRun) return findOldVideos(database, old);
  const removed = await removeOldVideos(database, old);
  await forgetAnswers(database, { openedBefore: old.endedBefore });
  await forgetStills(database, { createdBefore: old.endedBefore });
  return removed;
}
