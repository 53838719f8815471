import { Worker } from 'node:worker_threads';

interface Waiting<Result> {
  order: unknown;
  resolve(result: Result): void;
  reject(error: Error): void;
}

interface Thread<Result> {
  worker: Worker;
  doing: Waiting<Result> | undefined;
}

/** What a worker script posts back for each order. */
export type WorkerReply<Result> = { result: Result } | { error: string };

/** Beyond this a flood of calls would only pile up in memory. */
const MAX_WAITING = 10_000;

/** Threads that take one order at a time, started when first needed, so that the event loop never draws or speaks. */
export class WorkerPool<Order, Result> {
  private readonly script: URL;
  private readonly size: number;
  private readonly threads: Thread<Result>[] = [];
  private readonly queue: Waiting<Result>[] = [];
  private closed = false;

  constructor(script: URL, size: number) {
    this.script = script;
    this.size = size;
  }

  run(order: Order): Promise<Result> {
    if (this.closed) return Promise.reject(new Error('the worker pool is closed'));
    if (this.queue.length >= MAX_WAITING) return Promise.reject(new Error('too many orders are waiting'));
    return new Promise((resolve, reject) => {
      this.queue.push({ order, resolve, reject });
      this.dispatch();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const waiting of this.queue.splice(0)) waiting.reject(new Error('the worker pool was closed'));
    await Promise.all(this.threads.splice(0).map(({ worker }) => worker.terminate()));
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const idle = this.threads.find(({ doing }) => doing === undefined);
      const thread = idle ?? (this.threads.length < this.size ? this.start() : undefined);
      if (!thread) return;
      thread.doing = this.queue.shift();
      thread.worker.ref();
      thread.worker.postMessage(thread.doing?.order);
    }
  }

  private start(): Thread<Result> {
    const thread: Thread<Result> = { worker: startWorker(this.script), doing: undefined };
    thread.worker.on('message', (reply: WorkerReply<Result>) => this.settle(thread, reply));
    thread.worker.on('error', (error: unknown) => this.lose(thread, error));
    thread.worker.on('exit', () => this.lose(thread, new Error('the worker thread ended')));
    this.threads.push(thread);
    return thread;
  }

  private settle(thread: Thread<Result>, reply: WorkerReply<Result>): void {
    const { doing } = thread;
    thread.doing = undefined;
    // An idle thread must not keep a process alive that is done otherwise.
    thread.worker.unref();
    if ('error' in reply) doing?.reject(new Error(reply.error));
    else doing?.resolve(reply.result);
    this.dispatch();
  }

  private lose(thread: Thread<Result>, error: unknown): void {
    const index = this.threads.indexOf(thread);
    if (index >= 0) this.threads.splice(index, 1);
    thread.doing?.reject(error instanceof Error ? error : new Error(String(error)));
    thread.doing = undefined;
    if (!this.closed) this.dispatch();
  }
}

/** The script beside this module: `.ts` when run from source, `.js` when built. */
export function workerScript(name: string, importer: string): URL {
  return new URL(`${name}${importer.endsWith('.ts') ? '.ts' : '.js'}`, importer);
}

function startWorker(script: URL): Worker {
  if (!script.pathname.endsWith('.ts')) return new Worker(script);
  // tsx's loader does not reach threads by itself (Node 20): the thread registers it, then loads the script.
  const tsx = import.meta.resolve('tsx/esm/api');
  const source = `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(script.href)}); });`;
  return new Worker(source, { eval: true, execArgv: [] });
}
