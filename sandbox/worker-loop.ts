import { parentPort } from 'node:worker_threads';

import type { WorkerReply } from './worker-pool.ts';

/** The other end of a `WorkerPool`: answers each order, one after the other. */
export function answerOrders<Order, Result>(work: (order: Order) => Promise<Result> | Result): void {
  parentPort?.on('message', (order: Order) => {
    void reply(order, work).then((answer) => parentPort?.postMessage(answer));
  });
}

async function reply<Order, Result>(
  order: Order,
  work: (order: Order) => Promise<Result> | Result,
): Promise<WorkerReply<Result>> {
  try {
    return { result: await work(order) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
