import { setTimeout as sleep } from 'node:timers/promises';
import { and, asc, eq, inArray, ne, sql } from 'drizzle-orm';
import type { Database, Sql } from '../database/database.ts';
import { DatabaseUnavailable, isDataError } from '../database/errors.ts';
import { purchases } from '../database/schema.ts';
import { Purchase, type PurchaseKey } from '../domain/purchase.ts';
import { Leases, type LeaseTimes } from './leases.ts';
import type { Correction, KnownPurchase, PurchaseStore } from './purchase-store.ts';

/** How long an outcome is held in memory while the database is away. Its activity waits as long as it may. */
const SETTLE_FOR_MS = 600_000;
const FIRST_PAUSE_MS = 100;
/** Short: when the database is back, this should be written before somebody takes the call for lost. */
const LONGEST_PAUSE_MS = 1_000;

type Row = typeof purchases.$inferSelect;

export interface SqlPurchaseStoreOptions {
  database: Database;
  /** Lines for the log. */
  note: (fields: Record<string, unknown>, message: string) => void;
  /** Done once before the first query, and again until it succeeds. */
  prepare?: () => Promise<void>;
  lease?: LeaseTimes;
}

/** Purchases as rows, one per attempt. The primary key decides between processes, a lease tells which of them lives. */
export class SqlPurchaseStore implements PurchaseStore {
  readonly #options: SqlPurchaseStoreOptions;
  readonly #leases: Leases;
  /** Lease owner of what this process has opened, by row. */
  readonly #owners = new Map<string, string>();
  #prepared = false;

  constructor(options: SqlPurchaseStoreOptions) {
    this.#options = options;
    this.#leases = new Leases(
      {
        renew: (owners, until) =>
          this.#run(async (query) => {
            await query.update(purchases).set({ leaseUntil: until }).where(intendedBy(owners));
          }),
        withdraw: (owners) =>
          this.#run(async (query) => {
            const found = await query
              .update(purchases)
              .set({ state: 'refused', settledAt: sql`now()` })
              .where(intendedBy(owners))
              .returning({ owner: purchases.leaseOwner });
            return found.map(({ owner }) => owner ?? '');
          }),
      },
      options.lease,
    );
  }

  async find(key: PurchaseKey): Promise<KnownPurchase[]> {
    const alive = sql<boolean>`coalesce(${purchases.leaseUntil} > clock_timestamp(), false)`;
    const rows = await this.#run((query) =>
      query.select({ row: purchases, alive }).from(purchases).where(underKey(key)).orderBy(asc(purchases.attempt)),
    );
    return rows.map(({ row, alive: isAlive }) => ({
      purchase: purchaseOf(row),
      underWay: row.state === 'intended' && isAlive,
    }));
  }

  list(tenant: string, videoId: string): Promise<Purchase[]> {
    return this.#run((query) => purchasesOf(query, tenant, videoId));
  }

  async open(intent: Purchase): Promise<boolean> {
    const owner = this.#leases.take();
    const row = { ...rowOf(intent), leaseOwner: owner, leaseUntil: this.#leases.until };
    try {
      const opened = await this.#run((query) =>
        query
          .insert(purchases)
          .values(row)
          .onConflictDoUpdate({ target: KEY_COLUMNS, set: row, setWhere: eq(purchases.state, 'refused') })
          .returning({ attempt: purchases.attempt }),
      );
      if (opened.length > 0) this.#owners.set(idOf(intent), owner);
      else this.#leases.drop(owner);
      return opened.length > 0;
    } catch (error) {
      this.#leases.withdraw(owner);
      throw error;
    }
  }

  async settle(purchase: Purchase): Promise<void> {
    const row = { ...rowOf(purchase), leaseOwner: null, leaseUntil: null };
    // Written anew where a restored backup does not have it; an answer that is there is never taken back.
    const unsettled = sql`${eq(purchases.seed, purchase.seed)} and ${ne(purchases.state, 'answered')}`;
    const write = (query: Sql) =>
      query.insert(purchases).values(row).onConflictDoUpdate({ target: KEY_COLUMNS, set: row, setWhere: unsettled });
    try {
      await this.#persistently(purchase, () => this.#run(async (query) => void (await write(query))));
    } finally {
      this.#letGo(purchase);
    }
  }

  async writeOff(purchase: Purchase): Promise<boolean> {
    const ranOut = sql`coalesce(${purchases.leaseUntil} <= clock_timestamp(), true)`;
    const written = await this.#run((query) =>
      query
        .update(purchases)
        .set({ state: 'unknown', settledAt: sql`now()` })
        .where(and(underKey(purchase.key), eq(purchases.seed, purchase.seed), eq(purchases.state, 'intended'), ranOut))
        .returning({ attempt: purchases.attempt }),
    );
    return written.length > 0;
  }

  async correct({ key, seed }: Pick<Purchase, 'key' | 'seed'>, change: Correction): Promise<void> {
    await this.#run(async (query) => {
      await query
        .update(purchases)
        .set(change)
        .where(and(underKey(key), eq(purchases.seed, seed), eq(purchases.state, 'answered')));
    });
  }

  async keep({ key, seed }: Pick<Purchase, 'key' | 'seed'>, kept: unknown): Promise<void> {
    await this.#run(async (query) => {
      await query
        .update(purchases)
        .set({ kept })
        .where(and(underKey(key), eq(purchases.seed, seed)));
    });
  }

  /**
   * What is answered is paid for: whatever refuses it is tried again, unless the answer itself cannot be written.
   * @throws the last error when that lasts too long.
   */
  async #persistently({ key, attempt, state }: Purchase, write: () => Promise<void>): Promise<void> {
    const about = { ...key, attempt, state };
    const end = Date.now() + SETTLE_FOR_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await write();
        if (pauseMs > FIRST_PAUSE_MS)
          this.#options.note(about, 'the database is back: the outcome of a call is written');
        return;
      } catch (error) {
        const isAway = error instanceof DatabaseUnavailable;
        const mayPass = isAway || (state === 'answered' && !isDataError(error));
        if (!mayPass || Date.now() > end) throw error;
        if (pauseMs === FIRST_PAUSE_MS) {
          const { code = null } = error as { code?: string | null };
          const why = isAway ? 'the database is away' : 'the database refuses';
          this.#options.note({ ...about, code }, `${why}: the outcome of a call is held in memory`);
        }
      }
      await sleep(pauseMs);
    }
  }

  #letGo(purchase: Purchase): void {
    const owner = this.#owners.get(idOf(purchase));
    if (owner !== undefined) this.#leases.drop(owner);
    this.#owners.delete(idOf(purchase));
  }

  async #run<T>(work: (query: Sql) => Promise<T>): Promise<T> {
    if (!this.#prepared) await this.#options.prepare?.();
    this.#prepared = true;
    return this.#options.database.run(work);
  }
}

/** As `list`, for who only reads. @throws DatabaseUnavailable */
export const listPurchases = (database: Database, tenant: string, videoId: string): Promise<Purchase[]> =>
  database.run((query) => purchasesOf(query, tenant, videoId));

async function purchasesOf(query: Sql, tenant: string, videoId: string): Promise<Purchase[]> {
  const rows = await query
    .select()
    .from(purchases)
    .where(and(eq(purchases.tenant, tenant), eq(purchases.videoId, videoId)))
    .orderBy(asc(purchases.attempt), asc(purchases.openedAt));
  return rows.map(purchaseOf);
}

const KEY_COLUMNS = [...[purchases.tenant, purchases.videoId, purchases.sceneId, purchases.purpose, purchases.attempt]];

const idOf = ({ key, attempt, seed }: Purchase): string => JSON.stringify([key, attempt, seed]);

const underKey = ({ tenant, videoId, sceneId, purpose }: PurchaseKey) =>
  and(
    eq(purchases.tenant, tenant),
    eq(purchases.videoId, videoId),
    eq(purchases.sceneId, sceneId ?? ''),
    eq(purchases.purpose, purpose),
  );

const intendedBy = (owners: string[]) => and(inArray(purchases.leaseOwner, owners), eq(purchases.state, 'intended'));

export function rowOf({ key, openedAt, settledAt, ...rest }: Purchase) {
  return {
    ...rest,
    ...key,
    sceneId: key.sceneId ?? '',
    openedAt: new Date(openedAt),
    settledAt: settledAt === null ? null : new Date(settledAt),
    answer: rest.answer ?? null,
    kept: rest.kept ?? null,
  };
}

function purchaseOf(row: Row): Purchase {
  const {
    tenant,
    videoId,
    sceneId,
    purpose,
    openedAt,
    settledAt,
    leaseOwner: _owner,
    leaseUntil: _until,
    ...rest
  } = row;
  return Purchase.parse({
    ...rest,
    key: { tenant, videoId, sceneId: sceneId === '' ? null : sceneId, purpose },
    openedAt: openedAt.toISOString(),
    settledAt: settledAt?.toISOString() ?? null,
  });
}
