import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssetRef } from '../domain/asset.ts';
import { checkTimeline } from '../timeline/check.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { checkDraft } from './check-draft.ts';
import { draftContent } from './content.ts';
import { finishedFolder, type DraftFolder } from './finished-folder.ts';
import { CONTENT_FILES, COVER_FILE, META_FILE } from './folder-layout.ts';
import { gatherMedia } from './gather-media.ts';
import { writeCover } from './gather-pictures.ts';
import type { Gathering } from './gathering.ts';
import { idsOf } from './ids.ts';
import type { DraftMedia } from './media.ts';
import { draftMeta } from './meta.ts';
import { writeSynced } from './write-synced.ts';

export interface DraftFolderOptions {
  videoId: string;
  timeline: Timeline;
  /** The folder of drafts, as this process sees it and as the apps will: absolute. */
  draftsRoot: string;
  /** When the draft says that it was made, in ms since 1970. The same for every attempt, for the same bytes. */
  createdAtMs: number;
  assetPath: (asset: AssetRef) => string;
  ffmpeg: string;
  signal: AbortSignal;
}

/**
 * Writes a draft's folder under `draftsRoot`, checked before it gets its name; an earlier draft of the same video is
 * replaced. `beforeVisible` gets the finished folder while it still has its hidden name.
 * @throws PermanentError for an invalid timeline, a missing or unreadable asset, or a draft that its own check refuses;
 * the signal's reason on abort. Nothing half-made stays behind.
 */
export async function writeDraftFolder<Made>(
  options: DraftFolderOptions,
  beforeVisible: (made: DraftFolder) => Promise<Made>,
): Promise<DraftFolder & { made: Made }> {
  const { timeline } = options;
  checkTimeline(timeline);
  return finishedFolder(options, {
    beforeVisible,
    fill: async (unfinished) => {
      await fill(unfinished.folder, { ...options, ...unfinished });
      await checkDraft(unfinished.folder, { placedAt: unfinished.placedAt, timeline });
      return unfinished.folder;
    },
  });
}

async function fill(
  folder: string,
  options: DraftFolderOptions & { placedAt: string; draftId: string },
): Promise<void> {
  const { timeline, placedAt, draftId, createdAtMs } = options;
  const gathering: Gathering = { ...options, folder };
  const media = await gatherMedia(gathering);
  await writeCover(media.pictures[0]!, { ...gathering, file: COVER_FILE });
  const idOf = idsOf(draftId);
  const content = draftContent(timeline, { media, placedAt, idOf });
  const meta = draftMeta(content, { placedAt, idOf, createdAtMs, mediaBytes: await bytesOf(folder, media) });
  await writeSynced(join(folder, META_FILE), JSON.stringify(meta));
  const json = JSON.stringify(content);
  for (const name of CONTENT_FILES) await writeSynced(join(folder, name), json);
}

async function bytesOf(folder: string, { pictures, narration, music }: DraftMedia): Promise<number> {
  const files = new Set([...pictures, ...narration, ...music].map(({ file }) => file));
  const sizes = await Promise.all([...files].map(async (file) => (await stat(join(folder, file))).size));
  return sizes.reduce((total, size) => total + size, 0);
}
