import { and, asc, count, gt, inArray, isNull, lt, min, not, notExists, eq, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { events, idempotencyKeys, scenes, videos } from '../database/schema.ts';

/** Videos in one transaction, some thousand rows at most: it ends long before the statement timeout. */
const BATCH = 50;

export interface Old {
  endedBefore: Date;
  now: Date;
}

/** Ended before, and named by no Idempotency-Key that is still good. */
export function isOld({ endedBefore, now }: Old): SQL {
  const naming = sql`(select 1 from ${idempotencyKeys} where ${and(
    eq(idempotencyKeys.videoId, videos.id),
    gt(idempotencyKeys.expiresAt, now),
  )})`;
  return and(lt(videos.finishedAt, endedBefore), notExists(naming)) as SQL;
}

export const isNotOld = (old: Old): SQL => not(sql`coalesce(${isOld(old)}, false)`);

export async function countOldVideos(database: Database, old: Old): Promise<number> {
  const [found] = await database.run((query) => query.select({ count: count() }).from(videos).where(isOld(old)));
  return found?.count ?? 0;
}

/**
 * Removes the rows of old videos, their scenes and events. Used keys stay, good or not: from an expired one the next
 * video's id is made, and no id may come twice. Resolves to how many videos.
 */
export async function removeOldVideos(database: Database, old: Old): Promise<number> {
  let removed = 0;
  for (let batch = BATCH; batch === BATCH; removed += batch) batch = await removeBatch(database, old);
  return removed;
}

async function removeBatch(database: Database, old: Old): Promise<number> {
  return database.transaction(async (query) => {
    const found = await query
      .select({ id: videos.id })
      .from(videos)
      .where(isOld(old))
      .orderBy(asc(videos.finishedAt), asc(videos.id))
      .limit(BATCH)
      .for('update');
    const ids = found.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await query.delete(events).where(inArray(events.videoId, ids));
    await query.delete(scenes).where(inArray(scenes.videoId, ids));
    await query.delete(videos).where(inArray(videos.id, ids));
    return ids.length;
  });
}

/** When the oldest of the videos that have not ended was asked for; null when all have. */
export async function unfinishedSince(database: Database): Promise<Date | null> {
  const [found] = await database.run((query) =>
    query
      .select({ since: min(videos.createdAt) })
      .from(videos)
      .where(isNull(videos.finishedAt)),
  );
  return found?.since ?? null;
}
