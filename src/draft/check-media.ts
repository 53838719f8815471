import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { probeMedia } from '../render/probe.ts';
import { slashed } from './folder-layout.ts';
import { fileInDraft } from './media-path.ts';
import type { ContentFile, MetaFile } from './read-draft.ts';
import { refuseDraft } from './refuse-draft.ts';

/** Two readers of one sound file agree within this: some count milliseconds. */
const DURATION_TOLERANCE_US = 2_000;
/** Half a frame at 24 frames a second. */
const CLIP_TOLERANCE_US = 21_000;

interface Place {
  folder: string;
  /** Where the draft's paths say that it is. */
  placedAt: string;
  /** Media outside the folder are refused; else they need only exist. */
  ownOnly: boolean;
}

/** Every media file is in the draft's folder, and is what the draft says. */
export async function checkMedia(
  { content, meta }: { content: ContentFile; meta: MetaFile },
  place: Place,
): Promise<void> {
  const { videos, audios } = content.materials;
  for (const { path, type, width, height, duration } of videos) {
    const file = await existing(path, place);
    if (file === null) continue;
    if (type === 'photo') await checkPicture(file, { path, width, height });
    else await checkClip(file, { path, duration });
  }
  for (const { path, duration } of audios) {
    const file = await existing(path, place);
    if (file !== null) await checkDuration(file, { path, duration });
  }
  const { draft_fold_path: says } = meta;
  if (slashed(says) !== slashed(place.placedAt))
    refuseDraft('draft_media_outside', `it says that it lies in ${says}, and lies in ${place.placedAt}`);
}

/** The file of the draft's own, or null for one outside that may be there. */
async function existing(path: string, { folder, placedAt, ownOnly }: Place): Promise<string | null> {
  const file = fileInDraft(path, placedAt);
  if (file === null && ownOnly) refuseDraft('draft_media_outside', `${path} is not in ${placedAt}`);
  const found = await lstat(file === null ? path : join(folder, file)).catch(() => null);
  if (found === null || !found.isFile() || found.size === 0)
    refuseDraft('draft_media_missing', `${file ?? path} is missing`);
  return file === null ? null : join(folder, file);
}

async function checkPicture(
  file: string,
  { path, width, height }: { path: string; width: number; height: number },
): Promise<void> {
  const found = await sharp(file)
    .metadata()
    .catch(() => null);
  if (found?.width !== width || found.height !== height)
    refuseDraft(
      'draft_media_differs',
      `${path} is ${found?.width ?? '?'}x${found?.height ?? '?'}, not ${width}x${height}`,
    );
}

/** Apps count a clip's length by its pictures or by the whole file. */
async function checkClip(file: string, { path, duration }: { path: string; duration: number }): Promise<void> {
  const found = await probeMedia(file).catch(() => null);
  const lengths = [found?.video?.durationSeconds, found?.durationSeconds].map(
    (seconds) => (seconds ?? NaN) * 1_000_000,
  );
  if (!lengths.some((us) => Math.abs(us - duration) <= CLIP_TOLERANCE_US))
    refuseDraft('draft_media_differs', `${path} lasts ${lengths.join(' or ')} µs, not ${duration} µs`);
}

async function checkDuration(file: string, { path, duration }: { path: string; duration: number }): Promise<void> {
  const found = await probeMedia(file).catch(() => null);
  const seconds = found?.audio?.durationSeconds ?? found?.durationSeconds ?? Number.NaN;
  if (!(Math.abs(seconds * 1_000_000 - duration) <= DURATION_TOLERANCE_US))
    refuseDraft('draft_media_differs', `${path} lasts ${seconds} s, not ${duration / 1_000_000} s`);
}
