/** Runs tasks, a few at once. The first failure aborts the others; all have ended when this returns or throws. */
export async function inSlots(
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
  { atOnce, signal: outer }: { atOnce: number; signal: AbortSignal },
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([outer, failed.signal]);
  const waiting = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined && !signal.aborted; task = waiting.shift()) {
      await task(signal).catch((error: unknown) => failed.abort(error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  signal.throwIfAborted();
}
