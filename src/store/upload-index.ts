import { and, asc, count, eq, lt, sql } from 'drizzle-orm';
import type { Database, Sql } from '../database/database.ts';
import { assets } from '../database/schema.ts';
import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';

const PAGE = 1_000;

/** What a user has brought. Kept until he says otherwise, and counted. */
export interface Upload {
  tenant: string;
  sha256: string;
  sizeBytes: number;
  addedAt: Date;
}

export interface UploadLimits {
  /** Of one tenant, all kept uploads together. */
  maxCount: number;
  maxTotalBytes: number;
}

export interface UploadIndexOptions {
  database: Database;
  /** Done once before the first query, and again until it succeeds. */
  prepare?: () => Promise<void>;
}

/** Which assets are somebody's uploads: rows, the same for every gateway. Everything throws DatabaseUnavailable. */
export class UploadIndex {
  readonly #options: UploadIndexOptions;
  #prepared = false;

  constructor(options: UploadIndexOptions) {
    this.#options = options;
  }

  /**
   * Counts an upload, before its bytes are stored; what is there already for nothing. Of many at once, through whatever
   * gateways, exactly as many are admitted as there is room for. @throws PermanentError `too_many_uploads`.
   */
  async admit(ref: AssetRef, { tenant, limits }: { tenant: string; limits: UploadLimits }): Promise<void> {
    const { sha256, sizeBytes, mediaType } = ref;
    const database = await this.#database();
    await database.transaction(async (query) => {
      await holdUploads(query, tenant);
      const [known] = await query.select({ origin: assets.origin }).from(assets).where(named({ tenant, sha256 }));
      if (known?.origin === 'uploaded') return;
      checkRoom(await keptUploads(query, tenant), { sizeBytes, limits });
      const row = { origin: 'uploaded' as const, sizeBytes, mediaType, createdAt: sql`now()`, lastUsedAt: sql`now()` };
      await query
        .insert(assets)
        .values({ tenant, sha256, ...row })
        .onConflictDoUpdate({ target: [assets.tenant, assets.sha256], set: row });
    });
  }

  /**
   * It is no upload any more; false when it was none. Its row stays for as long as a run may last that has named it.
   */
  async remove(of: { tenant: string; sha256: string }): Promise<boolean> {
    const database = await this.#database();
    const removed = await database.run((query) =>
      query
        .update(assets)
        .set({ origin: 'made', lastUsedAt: sql`now()` })
        .where(and(named(of), eq(assets.origin, 'uploaded')))
        .returning({ sha256: assets.sha256 }),
    );
    return removed.length > 0;
  }

  /** Of all tenants. */
  async *list(): AsyncGenerator<Upload> {
    for await (const { origin, createdAt, ...row } of this.#rows())
      if (origin === 'uploaded') yield { ...row, addedAt: createdAt };
  }

  /** The sha256 of uploads, and of what was one, or was made use of, since. */
  async *wantedSince(since: Date): AsyncGenerator<string> {
    for await (const { origin, lastUsedAt, sha256 } of this.#rows())
      if (origin === 'uploaded' || lastUsedAt >= since) yield sha256;
  }

  /** Drops the rows of what is no upload, and was not made use of since. */
  async dropForgotten(before: Date): Promise<void> {
    const database = await this.#database();
    await database.run(async (query) => {
      await query.delete(assets).where(and(eq(assets.origin, 'made'), lt(assets.lastUsedAt, before)));
    });
  }

  async *#rows() {
    const database = await this.#database();
    const first = { tenant: '', sha256: '' };
    for (let from: typeof first | null = first; from !== null;) {
      const page = await database.run((query) =>
        query
          .select()
          .from(assets)
          .where(sql`(${assets.tenant}, ${assets.sha256}) > (${from!.tenant}, ${from!.sha256})`)
          .orderBy(asc(assets.tenant), asc(assets.sha256))
          .limit(PAGE),
      );
      yield* page;
      from = page.length < PAGE ? null : (page.at(-1) ?? null);
    }
  }

  async #database(): Promise<Database> {
    if (!this.#prepared) await this.#options.prepare?.();
    this.#prepared = true;
    return this.#options.database;
  }
}

const named = ({ tenant, sha256 }: { tenant: string; sha256: string }) =>
  and(eq(assets.tenant, tenant), eq(assets.sha256, sha256));

/** Until the transaction ends nobody else counts this tenant's uploads. */
async function holdUploads(query: Sql, tenant: string): Promise<void> {
  await query.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${tenant}`}, 0))`);
}

async function keptUploads(query: Sql, tenant: string): Promise<{ count: number; bytes: number }> {
  const [kept] = await query
    .select({ count: count(), bytes: sql`coalesce(sum(${assets.sizeBytes}), 0)`.mapWith(Number) })
    .from(assets)
    .where(and(eq(assets.tenant, tenant), eq(assets.origin, 'uploaded')));
  return kept ?? { count: 0, bytes: 0 };
}

function checkRoom(
  kept: { count: number; bytes: number },
  { sizeBytes, limits }: { sizeBytes: number; limits: UploadLimits },
): void {
  const { maxCount, maxTotalBytes } = limits;
  const what =
    kept.count + 1 > maxCount
      ? `${maxCount} uploads (MAX_UPLOADS)`
      : kept.bytes + sizeBytes > maxTotalBytes
        ? `${Math.floor(maxTotalBytes / 1024 ** 2)} MB of uploads (MAX_UPLOADS_TOTAL_MB)`
        : null;
  if (what !== null) throw new PermanentError('too_many_uploads', `There is room for ${what}.`);
}
