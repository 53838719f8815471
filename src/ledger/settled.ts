/** What is cancelled is still waited for this long, because it is paid: activities settle within 8 s of a cancel. */
const SETTLE_MS = 6_000;

/** The reason's message when the grace of a worker's stop is over, as Temporal's SDK words it. */
const WORKER_STOP = 'WORKER_SHUTDOWN';

/**
 * The outcome of something paid; after a cancel, only if it comes within the time to settle. It goes on by itself. A
 * worker that is told to stop takes it along, so that it is waited for without a limit: the worker has its own.
 */
export async function settled<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: () => void = () => {};
  const tooLate = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      const reason = signal.reason as Error;
      if (reason.message !== WORKER_STOP) timer = setTimeout(() => reject(reason), SETTLE_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  // Its failure, once everybody has stopped waiting, interests nobody any more.
  running.catch(() => {});
  try {
    return await Promise.race([running, tooLate]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
