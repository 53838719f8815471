import { and, eq, isNotNull, lt, notExists, or, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { purchases, videos } from '../database/schema.ts';

const BATCH = 200;

export const hasAnswer = (): SQL => or(isNotNull(purchases.answer), isNotNull(purchases.kept)) as SQL;

/** Accounts are kept for ever; what was bought before, for a video that has no row (any more), is forgotten. */
export async function forgetAnswers(database: Database, { openedBefore }: { openedBefore: Date }): Promise<void> {
  const { tenant, videoId, sceneId, purpose, attempt } = purchases;
  const key = sql`${tenant}, ${videoId}, ${sceneId}, ${purpose}, ${attempt}`;
  const nobodys = notExists(sql`(select 1 from ${videos} where ${eq(videos.id, videoId)})`);
  const isLeftOver = and(hasAnswer(), lt(purchases.openedAt, openedBefore), nobodys);
  let forgotten = BATCH;
  while (forgotten === BATCH) {
    const batch = sql`select ${key} from ${purchases} where ${isLeftOver} limit ${BATCH}`;
    const { rowCount } = await database.run((query) =>
      query
        .update(purchases)
        .set({ answer: null, kept: null })
        .where(sql`(${key}) in (${batch})`),
    );
    forgotten = rowCount ?? 0;
  }
}
