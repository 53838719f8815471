import type { WorkerHealth } from '../../contract/health.ts';
import { isLiving, listWorkers, type ListedWorker } from '../../temporal/listed-workers.ts';
import { isUnavailable, type TemporalGate } from '../temporal-gate.ts';

/** The worker processes that Temporal has heard of; null when it cannot tell in time. */
export async function knownWorkers(
  { gate, clock }: { gate: TemporalGate; clock: () => Date },
  withinMs: number,
): Promise<WorkerHealth[] | null> {
  try {
    const workers = await gate.call(listWorkers, withinMs);
    if (workers === null) return null;
    const nowMs = clock().getTime();
    return [...new Set(workers.map(({ identity }) => identity))].map((identity) =>
      healthOf(
        workers.filter((worker) => worker.identity === identity),
        nowMs,
      ),
    );
  } catch (error) {
    if (isUnavailable(error)) return null;
    throw error;
  }
}

/** One process, by what was heard of its queues. */
function healthOf(queues: ListedWorker[], nowMs: number): WorkerHealth {
  const lives = queues.some((queue) => isLiving(queue, nowMs));
  return {
    worker: queues[0]!.identity,
    status: lives ? 'online' : queues.some(({ isRunning }) => isRunning) ? 'offline' : 'stopped',
    last_beat: new Date(Math.max(...queues.map(({ beatAtMs }) => beatAtMs))).toISOString(),
    queues: queues.map(({ queue, used, slots }) => ({ queue, used, slots })),
  };
}
