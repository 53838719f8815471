import { and, asc, eq, gt, inArray, isNull, lt, min, notExists, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import {
  checkpoints,
  events,
  idempotencyKeys,
  scenes,
  stills,
  videos,
  webhookDeliveries,
  webhooks,
} from '../database/schema.ts';

/** Videos in one transaction, some thousand rows at most: it ends long before the statement timeout. */
const BATCH = 50;

export interface Old {
  endedBefore: Date;
  now: Date;
}

/** The ids of videos that ended before, and that no Idempotency-Key names which is still good. */
export async function findOldVideos(database: Database, old: Old): Promise<string[]> {
  const found = await database.run((query) => query.select({ id: videos.id }).from(videos).where(isOld(old)));
  return found.map(({ id }) => id);
}

/**
 * Removes the rows of old videos: scenes, events, webhooks, named checkpoints and entries in the catalogue of stills with
 * them. Used keys stay, good or not: from an expired one the next video's id is made, and no id may come twice. Resolves
 * to the videos' ids.
 */
export async function removeOldVideos(database: Database, old: Old): Promise<string[]> {
  const removed: string[] = [];
  for (;;) {
    const batch = await removeBatch(database, old);
    removed.push(...batch);
    if (batch.length < BATCH) break;
  }
  await removeUnusedReceivers(database, old);
  return removed;
}

/** Noted for videos that were never started after all. */
async function removeUnusedReceivers(database: Database, { endedBefore }: Old): Promise<void> {
  const used = sql`(select 1 from ${videos} where ${eq(videos.id, webhooks.videoId)})`;
  await database.run((query) =>
    query.delete(webhooks).where(and(lt(webhooks.createdAt, endedBefore), notExists(used))),
  );
}

async function removeBatch(database: Database, old: Old): Promise<string[]> {
  return database.transaction(async (query) => {
    const found = await query
      .select({ id: videos.id })
      .from(videos)
      .where(isOld(old))
      .orderBy(asc(videos.finishedAt), asc(videos.id))
      .limit(BATCH)
      .for('update');
    const ids = found.map(({ id }) => id);
    if (ids.length === 0) return [];
    await query.delete(events).where(inArray(events.videoId, ids));
    await query.delete(checkpoints).where(inArray(checkpoints.videoId, ids));
    await query.delete(scenes).where(inArray(scenes.videoId, ids));
    await query.delete(stills).where(inArray(stills.videoId, ids));
    await query.delete(webhookDeliveries).where(inArray(webhookDeliveries.videoId, ids));
    await query.delete(webhooks).where(inArray(webhooks.videoId, ids));
    await query.delete(videos).where(inArray(videos.id, ids));
    return ids;
  });
}

function isOld({ endedBefore, now }: Old): SQL | undefined {
  const naming = and(eq(idempotencyKeys.videoId, videos.id), gt(idempotencyKeys.expiresAt, now));
  return and(lt(videos.finishedAt, endedBefore), notExists(sql`(select 1 from ${idempotencyKeys} where ${naming})`));
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
