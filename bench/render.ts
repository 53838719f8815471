import type { Bench, Figure } from './figure.ts';
import { renderFilm } from '../src/render/render-film.ts';
import { testFfmpeg } from '../test/render/films.ts';
import { makeFilm, type BenchFilm } from './film.ts';
import { installMoviepy, renderByMoviepy } from './render/by-moviepy.ts';
import { renderByOneCommand } from './render/one-command.ts';
import { childrenCpuSeconds } from './process-tree.ts';
import { qualityOf, type Quality } from './render/quality.ts';
import { sideBySide, type Subject } from './side-by-side.ts';
import { ratiosOf } from './statistics.ts';

const FILM = { scenes: 3, seconds: 6 };
const ROUNDS = 3;
/** Of luma: ours and the command encode the same frames; moviepy draws them itself, and its defaults another matrix. */
const LEAST_SSIM = { ours: 0.95, ffmpeg: 0.95, moviepy: 0.9, moviepyDefaults: 0.85 };
const SSIM_APART = 0.01;
const LEAST_CAPTION_PIXELS = 500;

type Side = keyof typeof LEAST_SSIM;

/** One render against other ways to make the same film. */
export const render: Figure = {
  name: 'render',
  about: `A 1080p film of ${FILM.seconds} s: ours, one ffmpeg command by hand, moviepy.`,
  metrics: [
    {
      name: 'render_vs_ffmpeg',
      about: 'Ours ÷ one ffmpeg command with the same settings.',
      unit: 'ratio',
      target: { atMost: 1.1 },
    },
    {
      name: 'render_vs_moviepy',
      about: 'Ours ÷ moviepy 2.2 with the same settings.',
      unit: 'ratio',
      target: { atMost: 0.7 },
    },
    {
      name: 'render_vs_moviepy_defaults',
      about: 'Our defaults ÷ moviepy’s defaults.',
      unit: 'ratio',
      target: { atMost: 0.25 },
    },
  ],
  measure: async (bench) => {
    const film = await makeFilm(FILM);
    try {
      await measureRenders(bench, film);
    } finally {
      await film.remove();
    }
  },
};

async function measureRenders(bench: Bench, film: BenchFilm): Promise<void> {
  const ffmpeg = await testFfmpeg();
  const made = new Map<Side, string>();
  const subjects = sides(bench, { film, ffmpeg, made });
  if (bench.wants('render_vs_moviepy', 'render_vs_moviepy_defaults')) await installMoviepy();
  // Also what warms the machine up.
  const reference = await renderByOneCommand({
    ...{ film, ffmpeg, workDir: await film.emptyFolder('reference'), lossless: true, signal: bench.signal },
  });
  let cpuBefore = childrenCpuSeconds();
  const measured = await sideBySide<Side>(subjects as Record<Side, Subject>, {
    ...{ warmUps: 0, rounds: ROUNDS },
    onRound: (round, name, ms) => {
      const cpu = childrenCpuSeconds() - cpuBefore;
      cpuBefore += cpu;
      bench.note(`round ${round + 1}: ${name} ${(ms / 1000).toFixed(1)} s, ${cpu.toFixed(1)} s of processor`);
    },
  });
  await checkQuality(bench, { made, reference, film, ffmpeg });

  for (const [name, statistics] of Object.entries(measured)) bench.tell(name, statistics);
  const against = (metric: string, side: Side) => {
    if (bench.wants(metric)) bench.record(metric, ratiosOf(measured.ours.samplesMs, measured[side].samplesMs));
  };
  against('render_vs_ffmpeg', 'ffmpeg');
  against('render_vs_moviepy', 'moviepy');
  against('render_vs_moviepy_defaults', 'moviepyDefaults');
}

interface Making {
  film: BenchFilm;
  ffmpeg: string;
  /** The last film of each side, to be looked at. */
  made: Map<Side, string>;
}

function sides(bench: Bench, { film, ffmpeg, made }: Making): Partial<Record<Side, Subject>> {
  const { signal } = bench;
  const keep = (side: Side, file: string) => void made.set(side, file);
  const moviepy = (side: Side, settings: 'same' | 'defaults') => async () => {
    const { file, ms } = await renderByMoviepy({
      film,
      ffmpeg,
      settings,
      signal,
      workDir: await film.emptyFolder(side),
    });
    keep(side, file);
    return ms;
  };
  return {
    ours: async () => {
      const { videoPath } = await renderFilm({
        ...{ timeline: film.timeline, format: 'mp4', assetPath: film.assets.path, ffmpeg, signal },
        ...{ workDir: await film.emptyFolder('ours'), onProgress: () => {} },
      });
      keep('ours', videoPath);
    },
    ...(bench.wants('render_vs_ffmpeg') && {
      ffmpeg: async () =>
        keep('ffmpeg', await renderByOneCommand({ film, ffmpeg, signal, workDir: await film.emptyFolder('ffmpeg') })),
    }),
    ...(bench.wants('render_vs_moviepy') && { moviepy: moviepy('moviepy', 'same') }),
    ...(bench.wants('render_vs_moviepy_defaults') && { moviepyDefaults: moviepy('moviepyDefaults', 'defaults') }),
  };
}

/** @throws when a side has not made the film: then its time says nothing. */
async function checkQuality(
  bench: Bench,
  { made, reference, film, ffmpeg }: Making & { reference: string },
): Promise<void> {
  const { timeline } = film;
  const qualities = new Map<Side, Quality>();
  for (const [side, file] of made) {
    const quality = await qualityOf(file, { reference, timeline, ffmpeg });
    qualities.set(side, quality);
    const { ssim, durationSeconds, captionPixels } = quality;
    bench.note(`${side}: SSIM ${ssim.toFixed(4)}, ${durationSeconds} s, ${captionPixels} bright pixels of captions`);
    const seconds = timeline.durationUs / 1e6;
    const isLongEnough = Math.abs(durationSeconds - seconds) <= 2 / timeline.fps;
    if (!(ssim >= LEAST_SSIM[side]) || !isLongEnough || captionPixels < LEAST_CAPTION_PIXELS)
      throw new Error(`The film of ${side} is not the film that was asked for: ${JSON.stringify(quality)}`);
  }
  const [ours, theirs] = [qualities.get('ours'), qualities.get('ffmpeg')];
  if (ours !== undefined && theirs !== undefined && ours.ssim < theirs.ssim - SSIM_APART)
    throw new Error(`Ours is quicker by being worse: SSIM ${ours.ssim} and ${theirs.ssim}.`);
}
