import type { Timeline } from '../src/timeline/timeline.ts';
import { renderFilm } from '../src/render/render-film.ts';
import { testFfmpeg } from '../test/render/films.ts';
import type { Figure } from './figure.ts';
import { detailedPicture, makeFilm } from './film.ts';
import { statisticsOf } from './statistics.ts';

const FILM = { scenes: 6, seconds: 30 };
const ROUNDS = 2;
const CHANGED_SCENE = 2;

/** One scene gets another picture: what is made of the others stays. */
export const rerender: Figure = {
  name: 'rerender',
  about: `A 1080p film of ${FILM.seconds} s and ${FILM.scenes} scenes, whole, and after one scene's picture was changed.`,
  metrics: [
    {
      name: 'rerender_one_scene',
      about: 'After one scene changed ÷ the whole film.',
      unit: 'ratio',
      target: { atMost: 0.25 },
    },
  ],
  measure: async (bench) => {
    const ffmpeg = await testFfmpeg();
    const film = await makeFilm(FILM);
    const times: { whole: number[]; again: number[] } = { whole: [], again: [] };
    const timed = async (workDir: string, timeline: Timeline): Promise<number> => {
      const start = performance.now();
      await renderFilm({
        ...{ timeline, format: 'mp4', assetPath: film.assets.path, workDir, ffmpeg },
        ...{ onProgress: () => {}, signal: bench.signal },
      });
      return performance.now() - start;
    };
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const workDir = await film.emptyFolder('work');
        const changed = structuredClone(film.timeline);
        const asset = await detailedPicture(film.assets, FILM.scenes + round);
        changed.tracks.pictures[CHANGED_SCENE]!.source = { kind: 'still', asset };
        times.whole.push(await timed(workDir, film.timeline));
        times.again.push(await timed(workDir, changed));
        bench.note(`round ${round + 1}: ${seconds(times.whole)} s whole, ${seconds(times.again)} s after the change`);
      }
    } finally {
      await film.remove();
    }
    bench.tell('whole', statisticsOf(times.whole));
    bench.tell('one scene changed', statisticsOf(times.again));
    bench.record(
      'rerender_one_scene',
      times.again.map((ms, index) => ms / times.whole[index]!),
    );
  },
};

const seconds = (times: readonly number[]): string => ((times.at(-1) ?? 0) / 1000).toFixed(1);
