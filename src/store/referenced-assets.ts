import { and, asc, gt, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { purchases, videos } from '../database/schema.ts';
import { PermanentError } from '../domain/errors.ts';
import { VideoResult } from '../domain/video-result.ts';
import { hasAnswer } from '../ledger/forget-answers.ts';
import type { AssetStore } from './asset-store.ts';

const VIDEOS_PAGE = 100;
const PURCHASES_PAGE = 100;
/** Read at once; each is some dozen kilobytes. */
const TIMELINES_AT_ONCE = 8;

export interface ReferencedAssetsOptions {
  database: Database;
  assets: AssetStore;
  /** Ids of videos that count as gone, though their rows may be there. */
  without: Set<string>;
}

/**
 * The sha256 of all that kept videos need: what their results name, what their timelines name, and the paid answers of
 * those and of videos under way. Everything in the form of a sha256 counts: one too many costs disk, one too few a film.
 * @throws DatabaseUnavailable, StoreUnavailableError: then it is not known.
 */
export async function* referencedAssets(options: ReferencedAssetsOptions): AsyncGenerator<string> {
  for await (const results of resultPages(options)) {
    for (const result of results) yield* namesIn(JSON.stringify(result));
    for (let at = 0; at < results.length; at += TIMELINES_AT_ONCE) {
      const timelines = results.slice(at, at + TIMELINES_AT_ONCE).map((result) => timelineOf(options.assets, result));
      for (const timeline of await Promise.all(timelines)) yield* namesIn(timeline);
    }
  }
  for await (const answers of answerPages(options)) for (const answer of answers) yield* namesIn(answer);
}

function* namesIn(text: string): Generator<string> {
  for (const [name] of text.matchAll(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g)) yield name;
}

/** A timeline that is lost or damaged names nothing: nobody can use its parts without it, but for what was bought. */
async function timelineOf(assets: AssetStore, result: unknown): Promise<string> {
  const { timeline } = VideoResult.pick({ timeline: true }).strip().parse(result);
  try {
    return (await assets.read(timeline)).toString('utf8');
  } catch (error) {
    if (error instanceof PermanentError) return '';
    throw error;
  }
}

async function* resultPages({ database, without }: ReferencedAssetsOptions): AsyncGenerator<unknown[]> {
  for (let after: string | null = ''; after !== null;) {
    const page: { id: string; result: unknown }[] = await database.run((query) =>
      query
        .select({ id: videos.id, result: videos.result })
        .from(videos)
        .where(and(gt(videos.id, after as string), isNotNull(videos.result)))
        .orderBy(asc(videos.id))
        .limit(VIDEOS_PAGE),
    );
    yield page.filter(({ id }) => !without.has(id)).map(({ result }) => result);
    after = page.length < VIDEOS_PAGE ? null : (page.at(-1)?.id ?? null);
  }
}

const FIRST = { tenant: '', videoId: '', sceneId: '', purpose: '', attempt: 0, text: '' };

async function* answerPages({ database, without }: ReferencedAssetsOptions): AsyncGenerator<string[]> {
  const { tenant, videoId, sceneId, purpose, attempt } = purchases;
  const text = sql<string>`coalesce(${purchases.answer}::text, '') || ' ' || coalesce(${purchases.kept}::text, '')`;
  for (let from: typeof FIRST | null = FIRST; from !== null;) {
    const f: typeof FIRST = from;
    const later = sql`(${tenant}, ${videoId}, ${sceneId}, ${purpose}, ${attempt})
      > (${f.tenant}, ${f.videoId}, ${f.sceneId}, ${f.purpose}, ${f.attempt}::integer)`;
    const page: (typeof FIRST)[] = await database.run((query) =>
      query
        .select({ tenant, videoId, sceneId, purpose, attempt, text })
        .from(purchases)
        .where(and(hasAnswer(), later))
        .orderBy(asc(tenant), asc(videoId), asc(sceneId), asc(purpose), asc(attempt))
        .limit(PURCHASES_PAGE),
    );
    yield page.filter((row) => !without.has(row.videoId)).map((row) => row.text);
    from = page.length < PURCHASES_PAGE ? null : (page.at(-1) ?? null);
  }
}
