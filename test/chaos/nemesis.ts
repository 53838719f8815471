import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS, type Fault } from './faults.ts';
import type { Fleet } from './fleet.ts';
import type { Order } from './orders.ts';
import type { Random } from './random.ts';

/** A fault from its beginning until what it had broken was whole again. */
export interface Window {
  fault: string;
  about: Fault['about'];
  target: string;
  from: number;
  to: number;
}

export interface Plan {
  fleet: Fleet;
  orders: readonly Order[];
  random: Random;
  /** How often it strikes, at most. */
  strikes: number;
  /** Milliseconds between two strikes of one hand. */
  gap: readonly [number, number];
  /** Only the faults whose name contains one of these; all without. */
  only: readonly string[];
  signal: AbortSignal;
  note(line: string): void;
}

/** Strikes with two hands, one at processes and one at providers, until told to stop or its strikes are spent. */
export async function torment(plan: Plan): Promise<Window[]> {
  const { fleet, random, only, note } = plan;
  const possible = FAULTS.filter((fault) => {
    const why = fault.impossible?.(fleet) ?? null;
    if (why !== null) note(`left out: ${fault.name} (${why})`);
    return why === null && (only.length === 0 || only.some((name) => fault.name.includes(name)));
  });
  if (possible.length === 0) throw new Error(`no fault is called ${only.join(' or ')}`);
  const windows: Window[] = [];
  const hands = (['processes', 'providers'] as const).map((about) => ({
    faults: possible.filter((fault) => fault.about === about),
    random: random.fork(),
  }));
  await Promise.all(hands.filter(({ faults }) => faults.length > 0).map((hand) => strikeOn(hand, plan, windows)));
  return windows;
}

async function strikeOn(
  hand: { faults: Fault[]; random: Random },
  { fleet, orders, strikes, gap, signal, note }: Plan,
  windows: Window[],
): Promise<void> {
  const hold = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  while (windows.length < strikes && !signal.aborted) {
    await hold(hand.random.between(...gap));
    if (signal.aborted) return;
    const fault = hand.random.weighted(hand.faults);
    const window: Window = { fault: fault.name, about: fault.about, target: '', from: Date.now(), to: Infinity };
    windows.push(window);
    window.target = await fault.strike({ fleet, orders, random: hand.random, hold });
    window.to = Date.now();
    note(`${fault.name}: ${window.target}, ${((window.to - window.from) / 1000).toFixed(1)} s`);
  }
}
