import { and, eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { idempotencyKeys } from '../database/schema.ts';

/** What a key was first used for. */
export interface KeyUse {
  videoId: string;
  bodyHash: string;
  createdAt: string;
  expired: boolean;
}

/** What is known of a key, however long ago it was used. The key itself is nowhere, only its hash. */
export async function findKeyUse(database: Database, tenant: string, keyHash: string): Promise<KeyUse | null> {
  const [row] = await database.run((query) =>
    query
      .select({
        videoId: idempotencyKeys.videoId,
        bodyHash: idempotencyKeys.bodyHash,
        createdAt: idempotencyKeys.createdAt,
        expired: sql<boolean>`${idempotencyKeys.expiresAt} <= now()`,
      })
      .from(idempotencyKeys)
      .where(and(eq(idempotencyKeys.tenant, tenant), eq(idempotencyKeys.keyHash, keyHash))),
  );
  return row === undefined ? null : { ...row, createdAt: row.createdAt.toISOString() };
}

/** Keeps the first use of a key for so many days, by the database's clock; an expired one makes room. */
export async function rememberKeyUse(
  database: Database,
  use: { tenant: string; keyHash: string; videoId: string; bodyHash: string; days: number },
): Promise<void> {
  const { days, ...row } = use;
  const expiresAt = sql`now() + make_interval(days => ${days})`;
  await database.run((query) =>
    query
      .insert(idempotencyKeys)
      .values({ ...row, expiresAt })
      .onConflictDoUpdate({
        target: [idempotencyKeys.tenant, idempotencyKeys.keyHash],
        set: { videoId: row.videoId, bodyHash: row.bodyHash, createdAt: sql`now()`, expiresAt },
        setWhere: lt(idempotencyKeys.expiresAt, sql`now()`),
      }),
  );
}
