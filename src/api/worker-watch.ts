import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { isLiving, listWorkers, type ListedWorker } from '../temporal/listed-workers.ts';
import type { WorkerFigures } from './http/metrics.ts';
import { isUnavailable, type TemporalGate } from './temporal-gate.ts';

const EVERY_MS = 5_000;

export interface WatchOptions {
  gate: TemporalGate;
  /** Every queue a video needs. */
  queues: readonly string[];
  figures: WorkerFigures;
  log: Logger;
  signal: AbortSignal;
  everyMs?: number;
  clock?: () => Date;
}

/** What was last seen: living processes, and queues that somebody serves. */
interface Seen {
  living: Map<string, string[]>;
  served: Set<string>;
}

/**
 * Looks after the workers, again and again, and announces who comes, who goes, and who has fallen silent: in the log, and
 * in the figures. Every gateway does it. While Temporal is away nothing is announced: nobody knows.
 */
export async function watchWorkers(options: WatchOptions): Promise<void> {
  const { gate, log, signal, everyMs = EVERY_MS, clock = () => new Date() } = options;
  let seen: Seen | null = null;
  while (!signal.aborted) {
    try {
      const workers = await gate.call(listWorkers);
      // A server that keeps no heartbeats has nothing to tell.
      if (workers === null) return;
      seen = announce(options, { workers, seen, nowMs: clock().getTime() });
    } catch (error) {
      if (!isUnavailable(error)) log.error({ err: error }, 'workers could not be listed');
    }
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

function announce(
  { queues, figures, log }: WatchOptions,
  { workers, seen, nowMs }: { workers: ListedWorker[]; seen: Seen | null; nowMs: number },
): Seen {
  const living = new Map<string, string[]>();
  for (const worker of workers)
    if (isLiving(worker, nowMs)) living.set(worker.identity, [...(living.get(worker.identity) ?? []), worker.queue]);
  for (const queue of queues) figures.serving(queue, [...living.values()].filter((all) => all.includes(queue)).length);

  for (const [worker, served] of living)
    if (seen?.living.has(worker) !== true) log.info({ worker, queues: served }, 'worker online');
  for (const [worker, served] of seen?.living ?? []) {
    if (living.has(worker)) continue;
    // Who stops in order says so with its last beat, and is no longer listed as running.
    const fellSilent = workers.some(({ identity, isRunning }) => identity === worker && isRunning);
    if (fellSilent) figures.lost();
    log[fellSilent ? 'warn' : 'info'](
      { worker, queues: served },
      fellSilent ? 'worker offline: it is silent' : 'worker stopped',
    );
  }
  const served = new Set([...living.values()].flat());
  for (const queue of queues)
    if (seen?.served.has(queue) === true && !served.has(queue))
      log.error({ queue }, 'no worker serves this queue: videos that need it wait until one is started');
  return { living, served };
}
