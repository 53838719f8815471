import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Canvas } from '../domain/canvas.ts';
import type { PictureSource } from '../timeline/timeline.ts';
import { atRate, coverFilter, framesIn, roundGraph } from './clip-filters.ts';
import type { RenderJob } from './job.ts';
import { contentKey, keep } from './work-files.ts';

export type ClipSource = Extract<PictureSource, { kind: 'clip' }>;

/** Without loss: the segments encode it again. */
const LOSSLESS = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0'];

/** Whether a clip fills `frames` of film by itself; a frame lost to rounding is its last one, shown twice. */
export const isLongEnough = (source: ClipSource, { frames, fps }: { frames: number; fps: number }): boolean =>
  framesIn({ ...source, fps }) + 1 >= frames;

/** The work file of a clip at the film's raster and rate. */
export const clipName = (
  source: ClipSource,
  { canvas, fps, frames }: { canvas: Canvas; fps: number; frames: number },
): string => `clip-${contentKey([source, canvas, fps, frames])}.mp4`;

/** A clip at the film's raster and rate, `frames` long or longer, decoded once for all its segments. */
export async function prepareClip(
  source: ClipSource,
  { name, frames, job }: { name: string; frames: number; job: RenderJob },
): Promise<void> {
  const { canvas, fps } = job.timeline;
  const filters = coverFilter(canvas);
  await keep(job.workDir, {
    name,
    make: async (temporary) => {
      if (!isLongEnough(source, { frames, fps }))
        return loopClip(source, { frames, filters, encoding: LOSSLESS, job, to: temporary });
      const shape = `${atRate({ ...source, fps })},${filters},tpad=stop_mode=clone:stop=2`;
      const output = ['-map', '0:v:0', '-vf', shape, '-frames:v', String(frames), ...LOSSLESS, ...plain(fps)];
      return job.readInput(source.asset, [...output, temporary]);
    },
  });
}

interface Loop {
  frames: number;
  /** What else is done to each picture. */
  filters: string;
  encoding: readonly string[];
  job: RenderJob;
  /** A name in the job's folder. */
  to: string;
}

/** A clip that goes round for at least `frames`, as an MP4 at the film's rate. */
export async function loopClip(source: ClipSource, { frames, filters, encoding, job, to }: Loop): Promise<void> {
  const { fps } = job.timeline;
  const clip = { ...source, fps };
  const [round, list] = [`${to}-round.mp4`, `${to}-rounds.txt`];
  try {
    const graph = `[0:v:0]${atRate(clip)},${filters}[clip];${roundGraph(clip, { from: 'clip', to: 'round' })}`;
    const output = ['-filter_complex', graph, '-map', '[round]', ...encoding, ...plain(fps), round];
    await job.readInput(source.asset, output);
    const once = ['-v', 'error', '-i', round, '-map', '0:v:0', '-c', 'copy'];
    const { frames: each } = await job.run([...once, '-f', 'null', '-']);
    // The list names files from where it lies itself.
    const entry = `file '${basename(round)}'\nduration ${(each / fps).toFixed(6)}\n`;
    const rounds = Math.ceil(frames / Math.max(1, each));
    await writeFile(join(job.workDir, list), `ffconcat version 1.0\n${entry.repeat(rounds)}`);
    await job.run(['-v', 'warning', '-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', ...plain(fps), to]);
  } finally {
    for (const file of [round, list]) await rm(join(job.workDir, file), { force: true });
  }
}

const plain = (fps: number): string[] => [
  ...['-an', '-map_metadata', '-1', '-fflags', '+bitexact', '-video_track_timescale', String(fps * 512)],
];
