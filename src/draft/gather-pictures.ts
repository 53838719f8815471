import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { MAX_PIXELS } from '../domain/max-pixels.ts';
import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import { isLongEnough, loopClip, type ClipSource } from '../render/clip.ts';
import { jobOf } from '../render/job.ts';
import { layerKey, layersOf, type PictureLayer } from '../render/picture-layers.ts';
import { probeMedia } from '../render/probe.ts';
import { runFfmpeg } from '../render/run-ffmpeg.ts';
import { titleCardColours } from '../render/title-card.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { existingAsset, type Gathering } from './gathering.ts';
import type { PictureMedia } from './media.ts';

const FOLDER = 'assets/image';
const VIDEO_FOLDER = 'assets/video';
const LOOP_ENCODING = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '16'];

/** Each picture once, however many scenes show it, as a file that every app reads; in the order of the track. */
export async function gatherPictures(gathering: Gathering): Promise<PictureMedia[]> {
  const { timeline, signal } = gathering;
  const known = new Map<string, PictureMedia>();
  const media: PictureMedia[] = [];
  for (const layer of layersOf(timeline)) {
    signal.throwIfAborted();
    const key = layerKey(layer);
    const medium = known.get(key) ?? (await gatherPicture(layer, { name: `picture-${known.size + 1}`, gathering }));
    known.set(key, medium);
    media.push(medium);
  }
  return media;
}

async function gatherPicture(
  { picture: { source }, frames: { visible } }: PictureLayer,
  { name, gathering }: { name: string; gathering: Gathering },
): Promise<PictureMedia> {
  switch (source.kind) {
    case 'still':
      return takeStill(source.asset, { name, gathering });
    case 'clip':
      return takeClip(source, {
        frames: visible.end - visible.start,
        name: name.replace('picture', 'clip'),
        gathering,
      });
    case 'title_card':
      return drawBackground(source.text, { name, gathering });
  }
}

/** JPEG and PNG as they are; anything else, and a picture that lies on its side, becomes PNG. */
async function takeStill(
  asset: AssetRef,
  { name, gathering }: { name: string; gathering: Gathering },
): Promise<PictureMedia> {
  const path = await existingAsset(asset, gathering);
  const picture = sharp(path, { failOn: 'error', limitInputPixels: MAX_PIXELS });
  try {
    const { format, orientation = 1, space, width, height } = await picture.metadata();
    const extension = format === 'jpeg' ? 'jpg' : format;
    if ((extension === 'jpg' || extension === 'png') && orientation === 1 && space !== 'cmyk') {
      const file = `${FOLDER}/${name}.${extension}`;
      await copyFile(path, join(gathering.folder, file));
      return { file, width, height, clip: null };
    }
    return await writePng(picture.autoOrient().toColourspace('srgb'), { name, gathering });
  } catch (error) {
    // A full disk has a code of its own; what sharp cannot decode has none.
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    const what = `Asset ${asset.sha256.slice(0, 12)} (${asset.mediaType}) cannot be decoded.`;
    throw new PermanentError('unreadable_asset', what, { cause: error });
  }
}

/** A clip as it is; one that is too short for its scene, going round as in the film. */
async function takeClip(
  source: ClipSource,
  { frames, name, gathering }: { frames: number; name: string; gathering: Gathering },
): Promise<PictureMedia> {
  const { folder, timeline } = gathering;
  const file = `${VIDEO_FOLDER}/${name}.mp4`;
  const isWhole = isLongEnough(source, { frames, fps: timeline.fps });
  if (isWhole) await copyFile(await existingAsset(source.asset, gathering), join(folder, file));
  else
    await loopClip(source, {
      ...{ frames, filters: 'format=yuv420p', encoding: LOOP_ENCODING, to: file },
      job: jobOf({ ...gathering, format: 'mp4', workDir: folder }, gathering.signal),
    });
  const { video, durationSeconds } = await probeMedia(join(folder, file));
  const durationUs = Math.round((video?.durationSeconds ?? durationSeconds) * 1_000_000);
  const { width = 0, height = 0 } = video ?? {};
  return { file, width, height, clip: { durationUs, speed: isWhole ? source.speed : 1 } };
}

/** A title card's gradient; its text is a segment of the draft. */
async function drawBackground(
  text: string,
  { name, gathering }: { name: string; gathering: Gathering },
): Promise<PictureMedia> {
  return writePng(sharp(Buffer.from(gradientSvg(titleCardColours(text), gathering.timeline.canvas))), {
    name,
    gathering,
  });
}

function gradientSvg({ from, to }: { from: string; to: string }, { width, height }: Timeline['canvas']): string {
  const stops = `<stop stop-color="#${from}"/><stop offset="1" stop-color="#${to}"/>`;
  const gradient = `<linearGradient id="g" gradientUnits="userSpaceOnUse" x2="${width / 2}" y2="${height}">${stops}</linearGradient>`;
  const size = `width="${width}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}><defs>${gradient}</defs><rect ${size} fill="url(#g)"/></svg>`;
}

async function writePng(
  picture: Sharp,
  { name, gathering }: { name: string; gathering: Gathering },
): Promise<PictureMedia> {
  const file = `${FOLDER}/${name}.png`;
  const { width, height } = await picture.png().toFile(join(gathering.folder, file));
  return { file, width, height, clip: null };
}

/** The picture that the app's list shows: the first one, filling the canvas' shape. */
export async function writeCover(
  first: PictureMedia,
  { file, ...gathering }: Gathering & { file: string },
): Promise<void> {
  const { folder, timeline } = gathering;
  const { width, height } = timeline.canvas;
  const scale = Math.min(1, COVER_SIDE_PX / Math.min(width, height));
  const picture = first.clip === null ? join(folder, first.file) : await firstFrame(first.file, gathering);
  await sharp(picture, { limitInputPixels: MAX_PIXELS })
    .resize(Math.round(width * scale), Math.round(height * scale), { fit: 'cover' })
    .flatten()
    .jpeg({ quality: 85 })
    .toFile(join(folder, file));
}

async function firstFrame(file: string, gathering: Gathering): Promise<Buffer> {
  const { folder, ffmpeg, signal } = gathering;
  const frame = join(folder, 'first-frame.png');
  try {
    await runFfmpeg({ ffmpeg, cwd: folder, signal, args: ['-v', 'error', '-i', file, '-frames:v', '1', frame] });
    return await readFile(frame);
  } finally {
    await rm(frame, { force: true });
  }
}

const COVER_SIDE_PX = 360;
