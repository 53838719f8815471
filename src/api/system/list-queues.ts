import type { WireQueue } from '../../contract/fleet.ts';
import { QUEUES, type Queue } from '../../domain/queues.ts';
import { describeQueue } from '../../temporal/described-queue.ts';
import { isLiving, listWorkers, type ListedWorker } from '../../temporal/listed-workers.ts';
import type { FleetDeps } from './list-workers.ts';

/** Every queue of the product: what waits on it, how fast it goes, and who serves it. */
export async function listQueues({ gate, clock }: FleetDeps): Promise<WireQueue[]> {
  const [workers, ...described] = await Promise.all([
    gate.call(listWorkers),
    ...QUEUES.map((queue) => gate.call((client) => describeQueue(client, queue))),
  ]);
  const living = workers?.filter((worker) => isLiving(worker, clock().getTime())) ?? null;
  return QUEUES.map((queue, index) => {
    const { backlogTasks, backlogSeconds, ...rates } = described[index]!;
    return {
      queue,
      ...servedBy(living, queue),
      backlog: { tasks: backlogTasks, oldest_seconds: backlogSeconds },
      added_per_second: rates.addedPerSecond,
      dispatched_per_second: rates.dispatchedPerSecond,
      limit_per_second: rates.limitPerSecond,
    };
  });
}

function servedBy(living: ListedWorker[] | null, queue: Queue): Pick<WireQueue, 'workers' | 'slots' | 'used'> {
  if (living === null) return { workers: null, slots: null, used: null };
  const serving = living.filter((worker) => worker.queue === queue);
  return {
    workers: serving.length,
    slots: serving.reduce((sum, { slots }) => sum + slots, 0),
    used: serving.reduce((sum, { used }) => sum + used, 0),
  };
}
