import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssetRef } from '../domain/asset.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { clipName, prepareClip } from './clip.ts';
import { coverFilter } from './clip-filters.ts';
import { COLOUR_FILTER } from './encoding.ts';
import type { RenderJob } from './job.ts';
import { lengthOf, type PictureLayer } from './picture-layers.ts';
import { titleCardAss, titleCardColours } from './title-card.ts';
import { contentKey, keep } from './work-files.ts';

export const FONTS_FOLDER = 'fonts';

type Film = Pick<Timeline, 'canvas' | 'fps' | 'language'>;

/** The work file of a picture at the film's raster. All that decides it is in its name, which is known before it is made. */
export function pictureName({ picture: { source }, frames }: PictureLayer, { canvas, fps, language }: Film): string {
  switch (source.kind) {
    case 'clip':
      return clipName(source, { canvas, fps, frames: lengthOf(frames) });
    case 'still':
      return `picture-${contentKey([source.asset.sha256, canvas])}.yuv`;
    case 'title_card':
      return `picture-${contentKey([source.text, language, canvas])}.yuv`;
  }
}

/** A prepared picture as an input of ffmpeg: one that stands still has bytes and nothing that says what they are. */
export const pictureInput = (name: string, { canvas, fps }: Pick<Film, 'canvas' | 'fps'>): string[] =>
  name.endsWith('.yuv') ? [...rawFrames({ canvas, fps }), '-i', name] : ['-i', name];

/** How ffmpeg reads frames of yuv420p. */
export const rawFrames = ({ canvas, fps }: Pick<Film, 'canvas' | 'fps'>): string[] => [
  ...['-f', 'rawvideo', '-pixel_format', 'yuv420p'],
  ...['-video_size', `${canvas.width}x${canvas.height}`, '-framerate', String(fps)],
];

/** Pictures at the film's raster, each decoded and scaled once for all that show it, when the first of those asks. */
export class Pictures {
  readonly #made = new Map<string, Promise<void>>();

  /** The file's name. */
  async prepare(layer: PictureLayer, job: RenderJob): Promise<string> {
    const name = pictureName(layer, job.timeline);
    const known = this.#made.get(name) ?? preparePicture(layer, { name, job });
    this.#made.set(name, known);
    await known;
    return name;
  }
}

async function preparePicture(
  { picture: { source }, frames }: PictureLayer,
  { name, job }: { name: string; job: RenderJob },
): Promise<void> {
  const { canvas } = job.timeline;
  if (source.kind === 'clip') return prepareClip(source, { name, frames: lengthOf(frames), job });
  await keep(job.workDir, {
    name,
    make: (temporary) =>
      source.kind === 'still' ? scaleStill(source.asset, temporary) : drawCard(source.text, temporary),
  });

  async function scaleStill(asset: AssetRef, temporary: string): Promise<void> {
    await job.readInput(asset, [
      ...['-map', '0:v:0', '-frames:v', '1', '-vf', coverFilter(canvas)],
      ...['-f', 'rawvideo', temporary],
    ]);
  }

  async function drawCard(text: string, temporary: string): Promise<void> {
    const subtitles = `${name}.ass`;
    await keep(job.workDir, {
      name: subtitles,
      make: (file) => writeFile(join(job.workDir, file), titleCardAss(text, job.timeline)),
    });
    const { from, to } = titleCardColours(text);
    const { width, height } = canvas;
    // The same card every time: pieces that show it may come from several attempts, hence the seed.
    const gradient = `gradients=s=${width}x${height}:c0=0x${from}:c1=0x${to}:x0=0:y0=0:x1=${width / 2}:y1=${height}:n=2:d=1:speed=0.00001:r=1:seed=1`;
    const yuv = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1';
    await job.run([
      ...['-f', 'lavfi', '-i', gradient, '-frames:v', '1'],
      ...['-vf', `${yuv},ass=${subtitles}:fontsdir=${FONTS_FOLDER},${COLOUR_FILTER}`, '-f', 'rawvideo', temporary],
    ]);
  }
}
