import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssetRef } from '../domain/asset.ts';
import type { Motion, Timeline } from '../timeline/timeline.ts';
import { prepareClip } from './clip.ts';
import { coverFilter } from './clip-filters.ts';
import { COLOUR_FILTER, videoEncoding } from './encoding.ts';
import type { RenderJob } from './job.ts';
import { lengthOf, layersOf, type PictureLayer } from './picture-layers.ts';
import { overlayAss } from './subtitles.ts';
import { titleCardAss, titleCardColours } from './title-card.ts';
import { contentKey, keep } from './work-files.ts';

/** One encoded piece of the film: a picture alone, or the transition from one to the next. */
export interface Segment {
  start: number;
  end: number;
  layers: PictureLayer[];
}

export const FONTS_FOLDER = 'fonts';

/** Bodies and transitions in the film's order. */
export function segmentsOf(timeline: Timeline): Segment[] {
  const layers = layersOf(timeline);
  return layers
    .flatMap((layer, index): Segment[] => [
      { ...layer.frames.transition, layers: [layers[index - 1] ?? layer, layer] },
      { ...layer.frames.body, layers: [layer] },
    ])
    .filter(({ start, end }) => end > start);
}

/** A picture at the film's raster, decoded and scaled once for all its segments. Gives the file's name. */
export async function preparePicture({ picture: { source }, frames }: PictureLayer, job: RenderJob): Promise<string> {
  const { canvas } = job.timeline;
  if (source.kind === 'clip') return prepareClip(source, { frames: lengthOf(frames), job });
  const name = `picture-${contentKey([source.kind === 'still' ? source.asset.sha256 : source.text, canvas])}.nut`;
  const kept = await keep(job.workDir, {
    name,
    make: (temporary) =>
      source.kind === 'still' ? scaleStill(source.asset, temporary) : drawCard(source.text, temporary),
  });
  return kept.name;

  async function scaleStill(asset: AssetRef, temporary: string): Promise<void> {
    await job.readInput(asset, [
      ...['-map', '0:v:0', '-frames:v', '1', '-vf', coverFilter(canvas)],
      ...['-c:v', 'rawvideo', '-f', 'nut', temporary],
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
    const gradient = `gradients=s=${width}x${height}:c0=0x${from}:c1=0x${to}:x0=0:y0=0:x1=${width / 2}:y1=${height}:n=2:d=1:speed=0.00001:r=1`;
    const yuv = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setsar=1';
    await job.run([
      ...['-f', 'lavfi', '-i', gradient, '-frames:v', '1'],
      ...[
        '-vf',
        `${yuv},ass=${subtitles}:fontsdir=${FONTS_FOLDER},${COLOUR_FILTER}`,
        '-c:v',
        'rawvideo',
        '-f',
        'nut',
        temporary,
      ],
    ]);
  }
}

/** Encodes one segment, or finds it made. `files` are the prepared pictures of its layers. */
export async function renderSegment(
  segment: Segment,
  { files, job, onFrame }: { files: readonly string[]; job: RenderJob; onFrame: (frame: number) => void },
): Promise<{ name: string; made: boolean }> {
  const { timeline, workDir, format } = job;
  const frames = segment.end - segment.start;
  const encoding = videoEncoding(timeline, format);
  const overlay = overlayAss(timeline, segment);
  const subtitles = overlay === null ? null : `overlay-${contentKey(overlay)}.ass`;
  // Segments without captions of their own may share one, and are encoded side by side.
  if (overlay !== null && subtitles !== null)
    await keep(workDir, { name: subtitles, make: (temporary) => writeFile(join(workDir, temporary), overlay) });

  const inputs = files.flatMap((file) => ['-i', file]);
  const moving = segment.layers.map((layer, index) => {
    const offset = segment.start - layer.frames.visible.start;
    if (layer.picture.source.kind === 'clip') return `[${index}:v]${clipFilter(timeline, offset)}[v${index}]`;
    const length = lengthOf(layer.frames);
    return `[${index}:v]${motionFilter(layer.picture.motion, { timeline, offset, length })}[v${index}]`;
  });
  const seconds = (frames / timeline.fps).toFixed(6);
  const joined = segment.layers.length === 2 ? `[v0][v1]xfade=transition=fade:duration=${seconds}:offset=0,` : '[v0]';
  const captions =
    subtitles === null ? '' : `setpts=N+${segment.start},ass=${subtitles}:fontsdir=${FONTS_FOLDER},setpts=N,`;
  const graph = `${moving.join(';')};${joined}${captions}format=yuv420p,${COLOUR_FILTER}[out]`;

  return keep(workDir, {
    name: `segment-${contentKey([files, graph, encoding, frames])}.mp4`,
    make: async (temporary) => {
      const output = ['-map', '[out]', '-frames:v', String(frames), ...encoding, temporary];
      const done = await job.run(['-v', 'warning', ...inputs, '-filter_complex', graph, ...output], onFrame);
      if (done.frames !== frames) throw new Error(`A segment has ${done.frames} frames instead of ${frames}.`);
    },
  });
}

/** A prepared clip from the segment's first frame on. */
const clipFilter = ({ fps }: Timeline, offset: number): string =>
  `${COLOUR_FILTER},trim=start_frame=${offset},settb=1/${fps},setpts=N`;

/**
 * A window moving over the picture. `perspective` places it between pixels, so it moves evenly where `zoompan` shakes;
 * the picture is decoded once and looped. `offset` frames of its time on screen lie before this segment.
 */
function motionFilter(
  { from, to }: Motion,
  { timeline, offset, length }: { timeline: Timeline; offset: number; length: number },
): string {
  const still = `${COLOUR_FILTER},fps=${timeline.fps},loop=loop=-1:size=1:start=0,settb=1/${timeline.fps},setpts=N`;
  if (from.zoom === 1 && to.zoom === 1) return still;
  const progress = `((on+${offset})/${length})`;
  const between = (a: number, b: number): string => (a === b ? String(a) : `(${a}+${(b - a).toFixed(6)}*${progress})`);
  const zoom = between(from.zoom, to.zoom);
  const left = `W*(1-1/${zoom})*${between(from.x, to.x)}`;
  const top = `H*(1-1/${zoom})*${between(from.y, to.y)}`;
  const right = `${left}+W/${zoom}`;
  const bottom = `${top}+H/${zoom}`;
  const corners = [left, top, right, top, left, bottom, right, bottom];
  const places = corners.map((value, index) => `${index % 2 === 0 ? 'x' : 'y'}${Math.floor(index / 2)}='${value}'`);
  return `${still},perspective=${places.join(':')}:interpolation=linear:sense=source:eval=frame`;
}
