/** The object store is away, too slow, or does not let us in. Another attempt may succeed. Says nothing secret. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}
