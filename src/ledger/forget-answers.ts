import { and, eq, isNotNull, lt, notExists, or, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { purchases, videos } from '../database/schema.ts';

const BATCH = 200;

export const hasAnswer = (): SQL => or(isNotNull(purchases.answer), isNotNull(purchases.kept)) as SQL;

/** Bought before, and for no video that has a row (or a row of this kind). */
export const isLeftOver = (openedBefore: Date, kind?: SQL): SQL =>
  and(
    lt(purchases.openedAt, openedBefore),
    notExists(sql`(select 1 from ${videos} where ${and(eq(videos.id, purchases.videoId), kind)})`),
  ) as SQL;

/** Accounts are kept for ever; what was bought is forgotten when its video is gone. */
export async function forgetAnswers(database: Database, { openedBefore }: { openedBefore: Date }): Promise<void> {
  const { tenant, videoId, sceneId, purpose, attempt } = purchases;
  const key = sql`${tenant}, ${videoId}, ${sceneId}, ${purpose}, ${attempt}`;
  let forgotten = BATCH;
  while (forgotten === BATCH) {
    const batch = sql`select ${key} from ${purchases} where ${and(hasAnswer(), isLeftOver(openedBefore))} limit ${BATCH}`;
    const { rowCount } = await database.run((query) =>
      query
        .update(purchases)
        .set({ answer: null, kept: null })
        .where(sql`(${key}) in (${batch})`),
    );
    forgotten = rowCount ?? 0;
  }
}
