/** Does `work` for each item, a few at once. The first failure is thrown, after what was under way has ended. */
export async function inParallel<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { atOnce, work }: { atOnce: number; work: (item: Item) => Promise<void> },
): Promise<void> {
  const queue = queueOf(items);
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let next = await queue.next(); next.done !== true && !failed; next = await queue.next()) {
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  await queue.return(undefined);
  const fault = ends.find((end) => end.status === 'rejected');
  if (fault !== undefined) throw fault.reason;
}

/** A generator takes questions that come at the same time one after the other. */
async function* queueOf<Item>(items: AsyncIterable<Item> | Iterable<Item>): AsyncGenerator<Item, undefined> {
  yield* items;
  return undefined;
}
