import type { z } from 'zod';
import type { AssetRef } from '../domain/asset.ts';
import { WordTiming } from '../domain/word-timing.ts';
import type { AssetStore } from '../store/asset-store.ts';
import { FrozenFilm } from '../timeline/frozen-film.ts';
import { Timeline } from '../timeline/timeline.ts';

/** The film's layout, as `layOutFilm` stored it. */
export const readTimeline = (assets: AssetStore, ref: AssetRef): Promise<Timeline> =>
  readJson(assets, { ref, schema: Timeline });

/** The film without its pictures, as `freezeFilm` stored it. */
export const readFrozenFilm = (assets: AssetStore, ref: AssetRef): Promise<FrozenFilm> =>
  readJson(assets, { ref, schema: FrozenFilm });

/** When each word of one recording is said. */
export const readWords = (assets: AssetStore, ref: AssetRef): Promise<WordTiming[]> =>
  readJson(assets, { ref, schema: WordTiming.array() });

/** Parsed although we wrote it: it may be of an older version, whose missing fields get their defaults. */
async function readJson<T>(assets: AssetStore, { ref, schema }: { ref: AssetRef; schema: z.ZodType<T> }): Promise<T> {
  return schema.parse(JSON.parse((await assets.read(ref)).toString('utf8')));
}
