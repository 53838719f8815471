import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Timeline } from '../timeline/timeline.ts';
import { COLOUR_FILTER, videoEncoding } from './encoding.ts';
import { DRAWN_FRAMES } from './guarded-inputs.ts';
import type { RenderJob } from './job.ts';
import { movingFrames, type MovingFrames, type MovingPicture } from './motion/moving-frames.ts';
import { layersOf, lengthOf, type PictureLayer } from './picture-layers.ts';
import { FONTS_FOLDER, pictureName, rawFrames, type Pictures } from './pictures.ts';
import { overlayAss } from './subtitles.ts';
import { contentKey, isKept, keep, keepPiece, type Kept } from './work-files.ts';

/** One encoded piece of the film: a picture alone, or the transition from one to the next. */
export interface Segment {
  start: number;
  end: number;
  layers: PictureLayer[];
}

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

export const framesOf = ({ start, end }: Segment): number => end - start;

/** What a segment is made with. Known before its pictures are prepared: their names tell what they will hold. */
interface Recipe {
  name: string;
  /** Its stills and cards, which we draw ourselves; null for clips only. */
  moving: MovingFrames | null;
  /** Clips, and what is made of them and of the frames that are drawn. */
  graph: string;
  /** Its text as ASS, and the work file's name; null without text. */
  overlay: { script: string; file: string } | null;
  encoding: string[];
}

type Film = Pick<RenderJob, 'timeline' | 'format' | 'build'>;

/** The work file of a segment: all that decides it is in its name. */
export const segmentName = (segment: Segment, film: Film): string => recipeOf(segment, film).name;

function recipeOf(segment: Segment, { timeline, format, build }: Film): Recipe {
  const { fps, canvas } = timeline;
  const frames = framesOf(segment);
  const clips = segment.layers.filter(isClip);
  const encoding = videoEncoding(timeline, { format, content: clips.length === 0 ? 'stills' : 'clips' });
  const script = overlayAss(timeline, segment);
  const overlay = script === null ? null : { script, file: `overlay-${contentKey(script)}.ass` };
  const pictures = segment.layers.filter((layer) => !isClip(layer)).map((layer) => movingPicture(layer, segment));
  const moving = pictures.length === 0 ? null : { canvas, pictures, frames };
  const sources = segment.layers.map((layer) =>
    isClip(layer) ? clipFilter(timeline, offsetOf(layer, segment)) : drawnFilter(timeline),
  );
  // Two pictures are dissolved as they are drawn, and are one input.
  const inputs = clips.length === 0 ? [drawnFilter(timeline)] : sources;
  const shown = inputs.map((filter, index) => `[${index}:v]${filter}[v${index}]`);
  const seconds = (frames / fps).toFixed(6);
  const joined = inputs.length === 2 ? `[v0][v1]xfade=transition=fade:duration=${seconds}:offset=0,` : '[v0]';
  const captions =
    overlay === null ? '' : `setpts=N+${segment.start},ass=${overlay.file}:fontsdir=${FONTS_FOLDER},setpts=N,`;
  const graph = `${shown.join(';')};${joined}${captions}format=yuv420p,${COLOUR_FILTER}[out]`;
  const files = segment.layers.map((layer) => pictureName(layer, timeline));
  return {
    name: `segment-${contentKey([build, files, moving, graph, encoding, frames])}.mp4`,
    moving,
    graph,
    overlay,
    encoding,
  };
}

const isClip = ({ picture }: PictureLayer): boolean => picture.source.kind === 'clip';

/** Frames that a layer is on screen before the segment begins. */
const offsetOf = ({ frames }: PictureLayer, { start }: Segment): number => start - frames.visible.start;

const movingPicture = (layer: PictureLayer, segment: Segment): MovingPicture => ({
  motion: layer.picture.motion,
  offset: offsetOf(layer, segment),
  length: lengthOf(layer.frames),
});

/** Whether it lies in the work folder: then nothing of it has to be encoded. */
export const isMade = (segment: Segment, job: RenderJob): Promise<boolean> =>
  isKept(job.workDir, recipeOf(segment, job).name);

/** Encodes one segment, or finds it made: then its pictures are not even prepared. */
export async function renderSegment(
  segment: Segment,
  { pictures, job, onFrame }: { pictures: Pictures; job: RenderJob; onFrame: (frame: number) => void },
): Promise<Kept> {
  const { workDir, timeline } = job;
  const { name, moving, graph, overlay, encoding } = recipeOf(segment, job);
  return keepPiece(job, {
    name,
    make: async (temporary) => {
      const drawn: Buffer[] = [];
      const inputs: string[] = [];
      for (const layer of segment.layers) {
        const file = await pictures.prepare(layer, job);
        if (isClip(layer)) inputs.push('-i', file);
        else if (drawn.push(await readFile(join(workDir, file))) === 1)
          inputs.push(...rawFrames(timeline), '-i', DRAWN_FRAMES);
      }
      // Segments without captions of their own may share one, and are encoded side by side.
      if (overlay !== null)
        await keep(workDir, { name: overlay.file, make: (file) => writeFile(join(workDir, file), overlay.script) });
      const frames = framesOf(segment);
      const output = ['-map', '[out]', '-frames:v', String(frames), ...encoding, temporary];
      const args = ['-v', 'warning', ...inputs, '-filter_complex', graph, ...output];
      const done = await job.run(args, { onFrame, ...(moving && { input: movingFrames(moving, drawn.splice(0)) }) });
      if (done.frames !== frames) throw new Error(`A segment has ${done.frames} frames instead of ${frames}.`);
    },
  });
}

/** A prepared clip from the segment's first frame on. */
const clipFilter = ({ fps }: Timeline, offset: number): string =>
  `${COLOUR_FILTER},trim=start_frame=${offset},settb=1/${fps},setpts=N`;

const drawnFilter = ({ fps }: Timeline): string => `${COLOUR_FILTER},setsar=1,settb=1/${fps},setpts=N`;
