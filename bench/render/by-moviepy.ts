import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BASE_FONT, fontPath } from '../../src/render/fonts.ts';
import { musicBedPath } from '../../src/render/music-beds.ts';
import { framePlan } from '../../src/timeline/frame-plan.ts';
import { pythonPackage } from '../../test/python-package.ts';
import type { BenchFilm } from '../film.ts';
import { sameSettings } from './same-settings.ts';

const PROGRAM = fileURLToPath(new URL('moviepy_film.py', import.meta.url));
const VERSION = '2.2.1';
/** Where the product's captions stand, and how large, as shares of the canvas. */
const CAPTION = { size: 0.058, bottom: 0.8 };

export interface ByMoviepy {
  film: BenchFilm;
  ffmpeg: string;
  workDir: string;
  settings: 'same' | 'defaults';
  signal: AbortSignal;
}

/** moviepy in an environment of its own, installed before anything is measured. */
export const installMoviepy = (): Promise<string> => pythonPackage('moviepy', VERSION);

/** Renders with moviepy. Resolves to the film and the milliseconds that it took, Python's start and imports left out. */
export async function renderByMoviepy(options: ByMoviepy): Promise<{ file: string; ms: number }> {
  const { film, ffmpeg, workDir, settings, signal } = options;
  const python = path.join(await installMoviepy(), 'bin', 'python');
  const [description, file] = [path.join(workDir, 'film.json'), path.join(workDir, 'film.mp4')];
  await writeFile(description, JSON.stringify(describe(film)));
  const { stdout } = await promisify(execFile)(python, [PROGRAM, description, file, settings], {
    cwd: workDir,
    signal,
    // The same ffmpeg as ours, not the one that comes with moviepy.
    env: { ...process.env, FFMPEG_BINARY: ffmpeg, IMAGEIO_FFMPEG_EXE: ffmpeg },
  });
  return { file, ms: Number(stdout.trim().split('\n').at(-1)) * 1000 };
}

function describe({ timeline, assets }: BenchFilm) {
  const { canvas, fps, durationUs, tracks } = timeline;
  const plan = framePlan(timeline);
  const bed = tracks.music[0]!;
  return {
    ...{ size: [canvas.width, canvas.height], fps, duration: durationUs / 1e6, font: fontPath(BASE_FONT) },
    ...{
      font_size: Math.round(canvas.width * CAPTION.size),
      caption_bottom: Math.round(canvas.height * CAPTION.bottom),
    },
    scenes: tracks.pictures.map(({ source, motion }, index) => {
      const { transition, body, visible } = plan[index]!;
      return {
        image: source.kind === 'still' ? assets.path(source.asset) : '',
        ...{ frames: visible.end - visible.start, fade: transition.end - transition.start },
        body: [body.start - visible.start, body.end - visible.start],
        ...motion,
      };
    }),
    captions: tracks.captions.map(({ lines, words }) => ({
      lines,
      words: (words ?? []).map(({ text, startUs, endUs }) => ({ text, start: startUs / 1e6, end: endUs / 1e6 })),
    })),
    narration: tracks.narration.map(({ asset, startUs, durationUs: length }) => {
      return { file: assets.path(asset), start: startUs / 1e6, end: (startUs + length) / 1e6 };
    }),
    music: {
      file: musicBedPath('calm'),
      ...{ volume: 10 ** (bed.volumeDb / 20), fade_in: bed.fadeInUs / 1e6, fade_out: bed.fadeOutUs / 1e6 },
    },
    ...encodingOf(sameSettings(timeline)),
  };
}

/** Our encoder's arguments in moviepy's words; what it sets by itself is left out, and its RGB is converted as ours is. */
function encodingOf(ours: readonly string[]): { preset: string; encoding: string[] } {
  const valueOf = (name: string) => ours[ours.indexOf(name) + 1] ?? '';
  const kept = [
    '-crf',
    '-profile:v',
    '-level:v',
    '-bf',
    '-g',
    '-x264-params',
    '-color_primaries',
    '-color_trc',
    '-colorspace',
    '-color_range',
  ];
  const conversion = ['-vf', 'scale=out_color_matrix=bt709:out_range=tv', '-movflags', '+faststart'];
  return { preset: valueOf('-preset'), encoding: [...kept.flatMap((name) => [name, valueOf(name)]), ...conversion] };
}
