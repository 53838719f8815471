import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
/** Long beyond what a busy machine takes: only what does not come at all is given up. */
const GIVE_UP_MS = 480_000;

interface Patience {
  withinMs?: number | undefined;
  /** How often it is looked: rarely enough that looking is not what keeps the machine busy. */
  everyMs?: number;
  /** What is said beside `what` when it does not come. */
  otherwise?: () => string;
}

/** Waits for a condition, never for time: the limit only says when to give up. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { withinMs = GIVE_UP_MS, everyMs = POLL_MS, otherwise = () => '' }: Patience = {},
): Promise<void> {
  for (const end = Date.now() + withinMs; !(await holds()); await sleep(everyMs)) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what} ${otherwise()}`);
  }
}
