import { randomUUID } from 'node:crypto';
import { sql, type SQL } from 'drizzle-orm';

/**
 * How long a process that says nothing more counts as alive: a little longer than an activity may be silent (5 s), so that
 * a killed one hardly delays its successor.
 */
const LEASE_MS = 6_000;
/** Two in a row may fail or come late (a busy machine, a short outage) before a lease is lost. */
const RENEW_MS = 2_000;
/** While the database is away: whoever comes back first after an outage should be the owner, not a successor. */
const RENEW_AGAIN_MS = 500;
/** As long as a statement that was given up on may still arrive. */
const WITHDRAW_FOR_MS = 20_000;

export interface LeaseTimes {
  leaseMs: number;
  renewMs: number;
}

/** What leases ask of the database; both take the owners' tokens. */
export interface LeaseQueries {
  renew(owners: string[], until: SQL): Promise<void>;
  /** Intents that were never sent are marked as refused; resolves to the owners of which one was found. */
  withdraw(owners: string[]): Promise<string[]>;
}

/**
 * The calls this process has in flight, kept alive in the database by its clock: other processes wait for them. Also the
 * intents whose writing was not acknowledged: nothing was sent for them, and they must not count as perhaps bought.
 */
export class Leases {
  readonly #queries: LeaseQueries;
  readonly #times: LeaseTimes;
  readonly #held = new Set<string>();
  /** Owner, and until when it is looked for. */
  readonly #withdrawn = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(queries: LeaseQueries, times: LeaseTimes = { leaseMs: LEASE_MS, renewMs: RENEW_MS }) {
    this.#queries = queries;
    this.#times = times;
  }

  /** When a lease that is taken or renewed now runs out. */
  get until(): SQL {
    return sql`clock_timestamp() + make_interval(secs => ${this.#times.leaseMs / 1000})`;
  }

  take(): string {
    const owner = randomUUID();
    this.#held.add(owner);
    this.#schedule(this.#times.renewMs);
    return owner;
  }

  drop(owner: string): void {
    this.#held.delete(owner);
  }

  /** Its intent may or may not have been written. */
  withdraw(owner: string): void {
    this.#held.delete(owner);
    this.#withdrawn.set(owner, Date.now() + WITHDRAW_FOR_MS);
    this.#schedule(RENEW_AGAIN_MS);
  }

  #schedule(inMs: number): void {
    this.#timer ??= setTimeout(() => void this.#tend(), inMs).unref();
  }

  async #tend(): Promise<void> {
    let nextMs = this.#times.renewMs;
    try {
      if (this.#held.size > 0) await this.#queries.renew([...this.#held], this.until);
      if (this.#withdrawn.size > 0) await this.#tendWithdrawn();
    } catch {
      nextMs = RENEW_AGAIN_MS; // whoever buys hears of it
    }
    this.#timer = null;
    if (this.#held.size + this.#withdrawn.size > 0) this.#schedule(nextMs);
  }

  async #tendWithdrawn(): Promise<void> {
    const now = Date.now();
    const found = await this.#queries.withdraw([...this.#withdrawn.keys()]);
    for (const [owner, until] of this.#withdrawn)
      if (found.includes(owner) || until < now) this.#withdrawn.delete(owner);
  }
}
