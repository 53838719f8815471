import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { AssetRef } from '../../src/domain/asset.ts';
import { fontPath, fontsFor } from '../../src/render/fonts.ts';
import { jobOf } from '../../src/render/job.ts';
import { measureQuality } from '../../src/render/measure-quality.ts';
import { FONTS_FOLDER, Pictures } from '../../src/render/pictures.ts';
import { ffmpegBuild } from '../../src/render/ffmpeg-build.ts';
import { renderFilm } from '../../src/render/render-film.ts';
import { renderSegment, segmentsOf } from '../../src/render/segments.ts';
import { renderSound } from '../../src/render/sound.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';

export interface PiecesAlone {
  /** Decoding and encoding of each segment, with the scenes whose pictures are in it. */
  segments: { sceneIds: string[]; seconds: number }[];
  sound: number;
  /** Join, mux, check, cover and the measuring of the finished film. */
  finish: number;
}

interface Alone {
  timeline: Timeline;
  assetPath: (asset: AssetRef) => string;
  workDir: string;
  ffmpeg: string;
  signal: AbortSignal;
}

/** Makes each piece of a film by itself, one after the other, with the product's own functions, and takes the time. */
export async function measurePiecesAlone(alone: Alone): Promise<PiecesAlone> {
  const { timeline, workDir, signal, ffmpeg } = alone;
  const job = jobOf({ ...alone, format: 'mp4', build: await ffmpegBuild(ffmpeg) }, signal);
  await layFonts(timeline, workDir);
  const pictures = new Pictures();
  const segments: PiecesAlone['segments'] = [];
  for (const segment of segmentsOf(timeline)) {
    const seconds = await timed(() => renderSegment(segment, { pictures, job, onFrame: () => {} }));
    segments.push({ sceneIds: segment.layers.map(({ picture }) => picture.sceneId), seconds });
  }
  const sound = await timed(() => renderSound(job));
  const made = await segmentsIn(workDir);
  const finish = await timed(async () => {
    const { videoPath } = await renderFilm({ ...alone, format: 'mp4', onProgress: () => {} });
    await measureQuality({ path: videoPath, timeline, words: new Map(), ffmpeg, signal });
  });
  // What is encoded a second time would make the ideal look worse than it is.
  if ((await segmentsIn(workDir)) !== made) throw new Error('The pieces measured alone are not those of the film.');
  return { segments, sound, finish };
}

async function layFonts({ title, tracks }: Timeline, workDir: string): Promise<void> {
  const texts = [
    title,
    ...[...tracks.captions, ...tracks.titles].flatMap(({ lines }) => lines),
    ...tracks.labels.map(({ text }) => text),
  ];
  await mkdir(path.join(workDir, FONTS_FOLDER), { recursive: true });
  for (const font of fontsFor(texts))
    await copyFile(fontPath(font), path.join(workDir, FONTS_FOLDER, path.basename(fontPath(font))));
}

const segmentsIn = async (workDir: string): Promise<number> =>
  (await readdir(workDir)).filter((name) => name.startsWith('segment-')).length;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
