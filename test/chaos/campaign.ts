import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet, type FleetSize } from './fleet.ts';
import { INVARIANTS } from './invariants.ts';
import { torment } from './nemesis.ts';
import { Orders, type Habits } from './orders.ts';
import { Random } from './random.ts';
import type { Report } from './report.ts';

export interface Settings {
  seed: number;
  films: number;
  inFlight: number;
  /** At most; fewer when all films are done before. */
  strikes: number;
  gap: readonly [number, number];
  only: readonly string[];
  fleet: FleetSize;
  habits: Habits;
  /** After the last fault was healed, everything has ended within this many milliseconds. */
  settleMs: number;
  /** Gives the campaign up, in order. */
  signal: AbortSignal;
  /** A line of what is going on. */
  note(line: string): void;
}

/** Has films made while it strikes at everything that makes them, then looks whether every promise was kept. */
export async function campaign(settings: Settings): Promise<Report> {
  const { seed, films, inFlight, strikes, gap, only, habits, settleMs } = settings;
  const startedAt = Date.now();
  const note = (line: string) =>
    settings.note(`[${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s] ${line}`);
  const random = new Random(seed);
  const fleet = await Fleet.start(settings.fleet);
  try {
    note(`${fleet.gateways.length} gateways and ${fleet.workers.length} workers are ready`);
    const customers = new AbortController();
    const nemesis = new AbortController();
    // Each customer waits with a listener of his own.
    setMaxListeners(0, customers.signal, nemesis.signal);
    settings.signal.addEventListener('abort', () => [customers, nemesis].forEach((one) => one.abort()));
    const orders = new Orders(fleet, random.fork(), { seed, habits, signal: customers.signal });
    const placed = orders.place({ count: films, inFlight }).finally(() => nemesis.abort());
    const windows = await torment({
      ...{ fleet, orders: orders.all, random: random.fork(), strikes, gap, only, note },
      signal: nemesis.signal,
    });
    note(
      `healed after ${windows.length} strikes; ${orders.all.filter(({ endedAt }) => endedAt !== null).length} of ${films} have ended`,
    );

    const late = sleep(settleMs, undefined, { ref: false }).then(() => customers.abort());
    await Promise.race([placed, late]);
    await placed;
    settings.signal.throwIfAborted();
    // The last strike may have been a gateway's end: what it promises is asked of it when it is back.
    await fleet.answers();
    note('every order has been followed to its end; looking at what is left');
    const checks = [];
    for (const { name, check } of INVARIANTS) {
      const result = await check({ fleet, orders: orders.all, windows });
      checks.push({ name, ...result });
    }
    const { lines } = await fleet.under.sandbox.ledger();
    return {
      seed,
      seconds: (Date.now() - startedAt) / 1000,
      orders: orders.all,
      windows,
      checks,
      billed: lines.length,
    };
  } finally {
    await fleet.stop();
  }
}
