/** What is cancelled is still waited for this long, because it is paid: activities settle within 8 s of a cancel. */
const SETTLE_MS = 6_000;

/** The outcome of something paid; after a cancel, only if it comes within the time to settle. It goes on by itself. */
export async function settled<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: () => void = () => {};
  const tooLate = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(signal.reason as Error), SETTLE_MS);
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
