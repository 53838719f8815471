import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssetRef } from '../domain/asset.ts';
import { checkTimeline } from '../timeline/check.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { checkDraft } from './check-draft.ts';
import { draftContent } from './content.ts';
import { CONTENT_FILES, COVER_FILE, META_FILE } from './folder-layout.ts';
import { gatherPictures, writeCover } from './gather-pictures.ts';
import { gatherMusic, gatherNarration } from './gather-sounds.ts';
import type { Gathering } from './gathering.ts';
import { draftIdOf, idsOf } from './ids.ts';
import type { DraftMedia } from './media.ts';
import { draftMeta } from './meta.ts';
import { writeSynced } from './write-synced.ts';

/** A folder that is not finished has a name of its own: hidden, and in the same place, so that a rename finishes it. */
const UNFINISHED = '.unfinished-';
/** An unfinished folder this old belongs to a process that died: a draft takes seconds. */
const ABANDONED_AFTER_MS = 30 * 60_000;

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

export interface DraftFolder {
  draftId: string;
  folder: string;
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
  const { draftsRoot, timeline, signal } = options;
  const draftId = draftIdOf(options.videoId);
  checkTimeline(timeline);
  signal.throwIfAborted();
  await mkdir(draftsRoot, { recursive: true });
  await removeAbandoned(draftsRoot);
  const unfinished = join(draftsRoot, `${UNFINISHED}${draftId}-${randomUUID().slice(0, 8)}`);
  const folder = join(draftsRoot, draftId);
  try {
    await fill(unfinished, { ...options, placedAt: folder, draftId });
    await checkDraft(unfinished, { placedAt: folder, timeline });
    const made = await beforeVisible({ draftId, folder: unfinished });
    signal.throwIfAborted();
    await replace(folder, unfinished);
    return { draftId, folder, made };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function fill(
  folder: string,
  options: DraftFolderOptions & { placedAt: string; draftId: string },
): Promise<void> {
  const { timeline, placedAt, draftId, createdAtMs } = options;
  const gathering: Gathering = { ...options, folder };
  for (const kind of ['image', 'video', 'audio']) await mkdir(join(folder, 'assets', kind), { recursive: true });
  const media: DraftMedia = {
    pictures: await gatherPictures(gathering),
    narration: await gatherNarration(gathering),
    music: await gatherMusic(gathering),
  };
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

/** A folder cannot be renamed onto another: the earlier one steps aside first, and back if that was for nothing. */
async function replace(folder: string, finished: string): Promise<void> {
  const earlier = `${finished}-earlier`;
  await rename(folder, earlier).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  try {
    await rename(finished, folder);
  } catch (error) {
    await rename(earlier, folder).catch(() => {});
    throw error;
  }
  await rm(earlier, { recursive: true, force: true });
}

async function removeAbandoned(draftsRoot: string): Promise<void> {
  for (const name of await readdir(draftsRoot)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const path = join(draftsRoot, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS)
      await rm(path, { recursive: true, force: true });
  }
}
