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
import { coverageOf, drawableTimeline, type Covers } from './drawable.ts';
import type { FilmFormat } from './encoding.ts';
import { BASE_FONT, EMOJI_FONT, fontPath, fontsFor } from './fonts.ts';
import { jobOf } from './job.ts';
import { ffmpegBuild } from './ffmpeg-build.ts';
import { layersOf } from './picture-layers.ts';
import { FONTS_FOLDER, Pictures } from './pictures.ts';
import { countFrames, decodeFully, probeMedia } from './probe.ts';
import { framesOf, isMade, renderSegment, segmentsOf, type Segment } from './segments.ts';
import { inSlots } from './slots.ts';
import { renderSound } from './sound.ts';
import { assOf, srtOf } from './subtitles.ts';
import { keep, removeAbandoned, type Kept, type SegmentCache } from './work-files.ts';

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
  /** Called before `assetPath`, when an asset is to be read, and not before; by default all files are there. */
  bring?: (asset: AssetRef) => Promise<void>;
  /** Finished pieces of other attempts, machines and films; by default there are none but those of the work folder. */
  segments?: SegmentCache | null;
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
  const drawn = await prepareFolder(options);
  const pictures = new Pictures();
  const made = () => encode(drawn, { segments: segmentsOf(drawn.timeline), pictures, tell });
  const finish = (pieces: Encoded) => joinBesideCover(drawn, { ...pieces, pictures, tell });
  const pieces = await made();
  const film = await finish(pieces).catch(async (error: unknown) => {
    signal.throwIfAborted();
    // Pieces of an earlier attempt or film may be damaged. The others are not made again.
    if (!(await dropDamaged(drawn, pieces))) throw error;
    return finish(await made());
  });
  const captions = await writeCaptions(options);
  tell('done');
  return {
    ...film,
    ...captions,
    frames: totalFrames(timeline),
    durationSeconds: timeline.durationUs / 1_000_000,
  };
}

/**
 * Encodes what can be encoded while other pictures are still being made: the sound, and the segments of which `isWanted`
 * says so by the scenes that they show. Gives how many frames those have.
 * @throws as renderFilm does.
 */
export async function encodeAhead(
  options: RenderOptions & { isWanted: (sceneIds: string[]) => boolean },
): Promise<{ frames: number }> {
  const { timeline, signal, isWanted } = options;
  checkTimeline(timeline);
  signal.throwIfAborted();
  const drawn = await prepareFolder(options);
  const segments = segmentsOf(drawn.timeline).filter(({ layers }) =>
    isWanted(layers.map(({ picture }) => picture.sceneId)),
  );
  await encode(drawn, { segments, pictures: new Pictures(), tell: teller(options) });
  return { frames: segments.reduce((total, segment) => total + framesOf(segment), 0) };
}

const totalFrames = ({ durationUs, fps }: Timeline): number => frameOfUs(durationUs, fps);

type DrawnOptions = RenderOptions & { build: string };

/** Of the fonts that come with the product: megabytes, read once. */
let coverage: Promise<Covers> | null = null;

/** The fonts that the film needs, in the work folder, and the timeline as it can be drawn with them. */
async function prepareFolder(options: RenderOptions): Promise<DrawnOptions> {
  const { workDir, timeline, ffmpeg } = options;
  const folder = join(workDir, FONTS_FOLDER);
  await mkdir(folder, { recursive: true });
  await removeAbandoned(workDir);
  coverage ??= coverageOf([fontPath(BASE_FONT), fontPath(EMOJI_FONT)]);
  const drawn = drawableTimeline(timeline, await coverage);
  for (const font of fontsFor(textsOf(drawn))) {
    const file = fontPath(font);
    await keep(folder, { name: basename(file), make: (temporary) => copyFile(file, join(folder, temporary)) });
  }
  return { ...options, timeline: drawn, build: await ffmpegBuild(ffmpeg) };
}

/** All that is drawn as text. */
const textsOf = ({ title, tracks }: Timeline): string[] => [
  title,
  ...tracks.captions.flatMap(({ lines }) => lines),
  ...tracks.labels.map(({ text }) => text),
  ...tracks.titles.flatMap(({ lines }) => lines),
  ...tracks.pictures.flatMap(({ source }) => (source.kind === 'title_card' ? [source.text] : [])),
];

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
  segments: (Kept & { segment: Segment })[];
  sound: Kept;
}

interface Encoding {
  segments: readonly Segment[];
  pictures: Pictures;
  tell: Tell;
}

/** The sound and segments, two at once. Pictures are prepared when a segment that must be made shows them. */
async function encode(options: DrawnOptions, { segments, pictures, tell }: Encoding): Promise<Encoded> {
  // What was encoded ahead is counted before anything is made: the count goes on from there.
  const made = await Promise.all(segments.map((segment) => isMade(segment, jobOf(options, options.signal))));
  const done = segments.map((segment, index) => (made[index] === true ? framesOf(segment) : 0));
  const kept = new Map<Segment, Kept>();
  let sound: Kept | null = null;
  const tellAll = (): void =>
    tell(
      'encode',
      done.reduce((total, each) => total + each, 0),
    );
  const count = (index: number, frames: number): void => {
    done[index] = frames;
    tellAll();
  };
  tellAll();
  await inSlots(
    [
      async (signal): Promise<void> => {
        sound = await renderSound(jobOf(options, signal));
      },
      ...segments.map((segment, index) => async (signal: AbortSignal): Promise<void> => {
        const piece = await renderSegment(segment, {
          ...{ pictures, job: jobOf(options, signal) },
          onFrame: (frames) => count(index, Math.min(frames, framesOf(segment))),
        });
        kept.set(segment, piece);
        count(index, framesOf(segment));
      }),
    ],
    { atOnce: AT_ONCE, signal: options.signal },
  );
  return { segments: segments.map((segment) => ({ segment, ...kept.get(segment)! })), sound: sound! };
}

/** Forgets pieces that were found made and do not decode to what they should be; whether there were any. */
async function dropDamaged(
  { workDir, ffmpeg, signal, segments: cache }: DrawnOptions,
  { segments, sound }: Encoded,
): Promise<boolean> {
  const decoded = (name: string): Promise<number> =>
    decodeFully({ ffmpeg, path: join(workDir, name), signal }).then(
      ({ frames }) => frames,
      () => NaN,
    );
  const found = [...segments.map((each) => ({ ...each, frames: framesOf(each.segment) })), { ...sound, frames: 0 }];
  let dropped = false;
  for (const { name, frames } of found.filter(({ made }) => !made)) {
    if ((await decoded(name)) === frames) continue;
    signal.throwIfAborted();
    await cache?.remove(name);
    await rm(join(workDir, name), { force: true });
    dropped = true;
  }
  return dropped;
}

/** The film and its cover, side by side. */
async function joinBesideCover(
  options: DrawnOptions,
  { pictures, ...pieces }: Encoded & { pictures: Pictures; tell: Tell },
): Promise<Pick<RenderedFilm, 'videoPath' | 'coverPath'>> {
  let [videoPath, coverPath] = ['', ''];
  await inSlots(
    [
      async (signal) => void (videoPath = await joinAndCheck({ ...options, signal }, pieces)),
      async (signal) => void (coverPath = await takeCover({ ...options, signal }, pictures)),
    ],
    { atOnce: AT_ONCE, signal: options.signal },
  );
  return { videoPath, coverPath };
}

/** Joins without encoding again; the film gets its name only when it is what was asked for. */
async function joinAndCheck(
  options: DrawnOptions,
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
        sound.name,
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
  // Counted by the container's own index where it has one.
  const frames = film.video?.frames ?? (await countFrames({ ffmpeg, path, signal }));
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

async function takeCover(options: DrawnOptions, pictures: Pictures): Promise<string> {
  const job = jobOf(options, options.signal);
  const choice = layersOf(options.timeline).map((layer) => ({
    source: layer.picture.source,
    file: () => pictures.prepare(layer, job),
  }));
  return join(options.workDir, await makeCover(choice, { job, aigc: options.aigc ?? null }));
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
