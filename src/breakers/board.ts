import { and, eq, gt, lt, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { circuitBreakers } from '../database/schema.ts';
import type { BreakerReport, BreakerState, Guarded } from '../domain/breaker-state.ts';

const RENEW_MS = 5_000;
/** Rows of a worker that is gone are not believed for longer; two renewals may be missed. */
const BELIEVED_SECONDS = 15;
/** What workers that were killed have left is removed by whoever writes later. */
const KEPT_SECONDS = 3_600;

const now = sql`clock_timestamp()`;
const ago = (seconds: number): SQL => sql`${now} - make_interval(secs => ${seconds})`;

/**
 * What this process's breakers are like, where gateways can read it: written on each change and renewed while one is not
 * closed. A database that is away loses nothing but the sight of it: it is told again.
 */
export class BreakerBoard {
  readonly #database: Database;
  readonly #worker: string;
  readonly #report: () => BreakerReport[];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #shown: readonly Guarded[] = [];

  constructor(database: Database, worker: string, report: () => BreakerReport[]) {
    this.#database = database;
    this.#worker = worker;
    this.#report = report;
  }

  /** Told in the background, one after the other. */
  tell(): void {
    this.#writing = this.#writing
      .then(() => this.#write())
      .then(
        () => this.#schedule(),
        () => this.#schedule(),
      );
  }

  /** Resolves when this process is no longer on the board, if that can be. */
  async leave(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#writing;
    if (this.#shown.length === 0) return;
    await this.#remove(this.#shown).catch(() => {}); // it is forgotten soon
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #schedule(): void {
    const isNews = this.#shown.length > 0 || openOf(this.#report()).length > 0;
    if (isNews) this.#timer ??= setTimeout(() => ((this.#timer = null), this.tell()), RENEW_MS).unref();
  }

  async #write(): Promise<void> {
    const open = openOf(this.#report());
    const names = open.map(({ name }) => name);
    for (const { name, state, until } of open) {
      const told = { state, openUntil: until === null ? null : new Date(until), renewedAt: now };
      this.#shown = [...new Set([...this.#shown, name])];
      await this.#database.run((query) =>
        query
          .insert(circuitBreakers)
          .values({ worker: this.#worker, service: name, ...told })
          .onConflictDoUpdate({ target: [circuitBreakers.worker, circuitBreakers.service], set: told }),
      );
    }
    await this.#remove(this.#shown.filter((name) => !names.includes(name)));
    this.#shown = names;
    await this.#database.run((query) =>
      query.delete(circuitBreakers).where(lt(circuitBreakers.renewedAt, ago(KEPT_SECONDS))),
    );
  }

  async #remove(names: readonly Guarded[]): Promise<void> {
    for (const name of names)
      await this.#database.run((query) =>
        query
          .delete(circuitBreakers)
          .where(and(eq(circuitBreakers.worker, this.#worker), eq(circuitBreakers.service, name))),
      );
  }
}

/** Breakers of all workers that are not closed; of several on one service, the one that is open longest. */
export async function readBoard(database: Database): Promise<BreakerReport[]> {
  const rows = await database.run((query) =>
    query
      .select()
      .from(circuitBreakers)
      .where(gt(circuitBreakers.renewedAt, ago(BELIEVED_SECONDS))),
  );
  const worst = new Map<string, BreakerReport>();
  for (const { service, state, openUntil } of rows) {
    const report = { name: service as Guarded, state, until: openUntil?.getTime() ?? null };
    const known = worst.get(service);
    if (known === undefined || isWorse(report, known)) worst.set(service, report);
  }
  return [...worst.values()].sort((a, b) => a.name.localeCompare(b.name));
}

type NotClosed = BreakerReport & { state: Exclude<BreakerState, 'closed'> };

const openOf = (reports: BreakerReport[]): NotClosed[] =>
  reports.filter((report): report is NotClosed => report.state !== 'closed');

const isWorse = (a: BreakerReport, b: BreakerReport): boolean =>
  a.state === b.state ? (a.until ?? 0) > (b.until ?? 0) : a.state === 'open';
