import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { AigcMetadata } from '../domain/aigc-metadata.ts';
import type { AssetRef } from '../domain/asset.ts';
import { checkTimeline } from '../timeline/check.ts';
import { frameOfUs, usOfFrame } from '../timeline/frames.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { aigcArguments } from './aigc-tags.ts';
import { makeCover } from './cover.ts';
import { coverageOf, drawableTimeline } from './drawable.ts';
import type { FilmFormat } from './encoding.ts';
import { BASE_FONT, EMOJI_FONT, fontPath, fontsFor } from './fonts.ts';
import { jobOf } from './job.ts';
import { layerKey, layersOf } from './picture-layers.ts';
import { FONTS_FOLDER, preparePicture, renderSegment, segmentsOf, type Segment } from './pictures.ts';
import { countFrames, probeMedia } from './probe.ts';
import { inSlots } from './slots.ts';
import { renderSound } from './sound.ts';
import { assOf, srtOf } from './subtitles.ts';
import { keep, removeAbandoned } from './work-files.ts';

export type RenderPhase = 'prepare' | 'encode' | 'join' | 'check' | 'done';

export interface RenderProgress {
  doneFrames: number;
  totalFrames: number;
  phase: RenderPhase;
}

export interface RenderOptions {
  timeline: Timeline;
  format: FilmFormat;
  /** The local file of an asset. */
  assetPath: (asset: AssetRef) => string;
  /** A folder for this film only. Finished pieces stay in it, so that a second call goes on where the first ended. */
  workDir: string;
  /** The command (`findFfmpeg`). */
  ffmpeg: string;
  /** Threads of each of the two ffmpeg processes; ffmpeg's own choice by default. */
  threads?: number;
  /** How long an ffmpeg may stand still before it is ended. */
  noProgressMs?: number;
  /** What the files' metadata says about their making; nothing by default. */
  aigc?: AigcMetadata | null;
  onProgress: (progress: RenderProgress) => void;
  signal: AbortSignal;
}

export interface RenderedFilm {
  videoPath: string;
  /** JPEG. */
  coverPath: string;
  /** SRT; null when the film has no captions. */
  captionsPath: string | null;
  /** The same captions as drawn, for editors. */
  assPath: string | null;
  frames: number;
  durationSeconds: number;
}

/** More at once would only share the same cores and hold more memory. */
const AT_ONCE = 2;

/**
 * Renders a timeline to a finished film: its pieces, the sound, the join, the check; then the film gets its name.
 * @throws PermanentError for an invalid timeline or an unreadable asset; the signal's reason on abort; any other error
 * may pass with another attempt, which starts from the pieces that are done.
 */
export async function renderFilm(options: RenderOptions): Promise<RenderedFilm> {
  const { timeline, signal } = options;
  checkTimeline(timeline);
  signal.throwIfAborted();
  const tell = teller(options);
  tell('prepare');
  const drawn = { ...options, timeline: await prepareFolder(options) };
  const files = await preparePictures(drawn);
  const { segments, sound } = await encode(drawn, { files, tell });
  const videoPath = await joinAndCheck(options, { segments, sound, tell });
  const coverPath = await takeCover(drawn, files);
  const captions = await writeCaptions(options);
  tell('done');
  return {
    videoPath,
    coverPath,
    ...captions,
    frames: totalFrames(timeline),
    durationSeconds: timeline.durationUs / 1_000_000,
  };
}

const totalFrames = ({ durationUs, fps }: Timeline): number => frameOfUs(durationUs, fps);

/** The fonts that the film needs, in the work folder, and the timeline as it can be drawn with them. */
async function prepareFolder({ workDir, timeline }: RenderOptions): Promise<Timeline> {
  const folder = join(workDir, FONTS_FOLDER);
  await mkdir(folder, { recursive: true });
  await removeAbandoned(workDir);
  const drawn = drawableTimeline(timeline, await coverageOf([fontPath(BASE_FONT), fontPath(EMOJI_FONT)]));
  for (const font of fontsFor(textsOf(drawn))) {
    const file = fontPath(font);
    await keep(folder, { name: basename(file), make: (temporary) => copyFile(file, join(folder, temporary)) });
  }
  return drawn;
}

/** All that is drawn as text. */
const textsOf = ({ title, tracks }: Timeline): string[] => [
  title,
  ...tracks.captions.flatMap(({ lines }) => lines),
  ...tracks.labels.map(({ text }) => text),
  ...tracks.titles.flatMap(({ lines }) => lines),
  ...tracks.pictures.flatMap(({ source }) => (source.kind === 'title_card' ? [source.text] : [])),
];

/** Each picture once, however many scenes show it: its file by its layer's key. */
async function preparePictures(options: RenderOptions): Promise<Map<string, string>> {
  const layers = new Map(layersOf(options.timeline).map((layer) => [layerKey(layer), layer]));
  const files = new Map<string, string>();
  const tasks = [...layers].map(([key, layer]) => async (signal: AbortSignal): Promise<void> => {
    files.set(key, await preparePicture(layer, jobOf(options, signal)));
  });
  await inSlots(tasks, { atOnce: AT_ONCE, signal: options.signal });
  return files;
}

type Tell = (phase: RenderPhase, doneFrames?: number) => void;

/** Tells progress; the count of frames never goes back. */
function teller({ timeline, onProgress }: RenderOptions): Tell {
  let most = 0;
  return (phase, doneFrames = most) => {
    most = Math.max(most, doneFrames);
    onProgress({ doneFrames: most, totalFrames: totalFrames(timeline), phase });
  };
}

interface Encoded {
  segments: { segment: Segment; name: string }[];
  sound: string;
}

/** The sound and all segments, two at once. */
async function encode(
  options: RenderOptions,
  { files, tell }: { files: Map<string, string>; tell: Tell },
): Promise<Encoded> {
  const segments = segmentsOf(options.timeline);
  const done = segments.map(() => 0);
  const names = new Map<Segment, string>();
  let sound = '';
  const count = (index: number, frames: number): void => {
    done[index] = frames;
    tell(
      'encode',
      done.reduce((total, each) => total + each, 0),
    );
  };
  tell('encode', 0);
  await inSlots(
    [
      async (signal): Promise<void> => {
        sound = (await renderSound(jobOf(options, signal))).name;
      },
      ...segments.map((segment, index) => async (signal: AbortSignal): Promise<void> => {
        const { name } = await renderSegment(segment, {
          files: segment.layers.map((layer) => files.get(layerKey(layer))!),
          job: jobOf(options, signal),
          onFrame: (frames) => count(index, Math.min(frames, segment.end - segment.start)),
        });
        names.set(segment, name);
        count(index, segment.end - segment.start);
      }),
    ],
    { atOnce: AT_ONCE, signal: options.signal },
  );
  return { segments: segments.map((segment) => ({ segment, name: names.get(segment)! })), sound };
}

/** Joins without encoding again; the film gets its name only when it is what was asked for. */
async function joinAndCheck(
  options: RenderOptions,
  { segments, sound, tell }: Encoded & { tell: Tell },
): Promise<string> {
  const { timeline, workDir, format, signal } = options;
  tell('join');
  // An attempt that was taken for dead and wakes up writes its own film, never over its successor's.
  const attempt = randomUUID().slice(0, 8);
  const temporary = `tmp-${attempt}-film.${format}`;
  const list = `${temporary}.txt`;
  // Each length is taken between rounded places in the film, so that the roundings do not add up.
  const entries = segments.map(({ segment, name }) => {
    const us = usOfFrame(segment.end, timeline.fps) - usOfFrame(segment.start, timeline.fps);
    return `file '${name}'\nduration ${(us / 1_000_000).toFixed(6)}\n`;
  });
  await writeFile(join(workDir, list), `ffconcat version 1.0\n${entries.join('')}`);
  try {
    const { metadata, movflags } = aigcArguments(options.aigc ?? null, format);
    const container =
      format === 'mp4' ? ['-movflags', movflags, '-video_track_timescale', String(timeline.fps * 512)] : [];
    await jobOf(options, signal).run([
      ...[
        '-v',
        'warning',
        '-f',
        'concat',
        '-safe',
        '0',
        '-i',
        list,
        '-i',
        sound,
        '-map',
        '0:v',
        '-map',
        '1:a',
        '-c',
        'copy',
      ],
      ...['-map_metadata', '-1', ...metadata, ...container, temporary],
    ]);
    tell('check');
    await checkFilm(join(workDir, temporary), options);
    const film = join(workDir, `film-${attempt}.${format}`);
    await rename(join(workDir, temporary), film);
    return film;
  } finally {
    await rm(join(workDir, temporary), { force: true });
    await rm(join(workDir, list), { force: true });
  }
}

/** @throws when the file is not the film that the timeline describes. */
async function checkFilm(path: string, { timeline, format, ffmpeg, signal }: RenderOptions): Promise<void> {
  const { canvas, fps } = timeline;
  const film = await probeMedia(path);
  const frames = await countFrames({ ffmpeg, path, signal });
  const seconds = timeline.durationUs / 1_000_000;
  const faults = [
    frames === totalFrames(timeline) ? null : `${frames} frames instead of ${totalFrames(timeline)}`,
    film.video?.width === canvas.width && film.video.height === canvas.height ? null : 'another raster',
    film.video?.codec === (format === 'mp4' ? 'AVC' : 'VP9') ? null : `the video codec ${film.video?.codec ?? 'none'}`,
    film.audio?.codec === (format === 'mp4' ? 'AAC' : 'Opus') ? null : `the audio codec ${film.audio?.codec ?? 'none'}`,
    film.audio?.sampleRate === 48_000 && film.audio.channels === 2 ? null : 'another sound format',
    Math.abs(film.durationSeconds - seconds) <= 1 / fps ? null : `${film.durationSeconds} s instead of ${seconds} s`,
  ].filter((fault) => fault !== null);
  if (faults.length > 0) throw new Error(`The rendered film is not as it should be: ${faults.join('; ')}.`);
}

async function takeCover(options: RenderOptions, files: Map<string, string>): Promise<string> {
  const pictures = layersOf(options.timeline).map((layer) => ({
    source: layer.picture.source,
    file: files.get(layerKey(layer))!,
  }));
  const job = jobOf(options, options.signal);
  return join(options.workDir, await makeCover(pictures, { job, aigc: options.aigc ?? null }));
}

async function writeCaptions({
  timeline,
  workDir,
}: RenderOptions): Promise<Pick<RenderedFilm, 'captionsPath' | 'assPath'>> {
  if (timeline.tracks.captions.length === 0) return { captionsPath: null, assPath: null };
  const attempt = randomUUID().slice(0, 8);
  const [captionsPath, assPath] = ['srt', 'ass'].map((kind) => join(workDir, `captions-${attempt}.${kind}`)) as [
    string,
    string,
  ];
  await writeFile(captionsPath, srtOf(timeline.tracks.captions));
  await writeFile(assPath, assOf(timeline));
  return { captionsPath, assPath };
}
