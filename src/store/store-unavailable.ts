/** The object store is away, too slow, or does not let us in. Another attempt may succeed. Says nothing secret. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  /** What an operator must do first; null when it may pass by itself. */
  readonly remedy: string | null;

  constructor(message: string, { remedy = null }: { remedy?: string | null } = {}) {
    super(message);
    this.remedy = remedy;
  }
}
