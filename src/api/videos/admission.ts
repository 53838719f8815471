import { ApiError } from '../api-error.ts';

/** How long a count is good for: what is accepted meanwhile is added to it. */
const RECOUNT_MS = 500;

export interface AdmissionOptions {
  /** Videos that may be under way; 0: as many as come. */
  limit: number;
  /** How many are; null when nobody can tell. */
  count: () => Promise<number | null>;
}

/**
 * Whether one more video may be started. Runs do not wait for each other in Temporal: with more under way than workers can
 * make, each takes longer than its pictures are waited for, and memory and histories grow without an end. So whoever comes
 * then is told at once to come back. Several gateways count together, each a moment behind the others.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  #known: number | null = null;
  /** Admitted since the last count began, and between that and the one before: those may not have been counted yet. */
  #admitted = { since: 0, before: 0 };
  #countedAt = Number.NEGATIVE_INFINITY;
  #counting: Promise<void> | null = null;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Null: it is admitted, and counts from now on. */
  async refusal(): Promise<ApiError | null> {
    const { limit } = this.#options;
    if (limit === 0) return null;
    if (performance.now() - this.#countedAt >= RECOUNT_MS) this.#counting ??= this.#recount();
    if (this.#known === null) await this.#counting;
    const { since, before } = this.#admitted;
    if ((this.#known ?? 0) + since + before >= limit) return tooMany(limit);
    this.#admitted.since++;
    return null;
  }

  /** Nobody waits for it but the first. */
  async #recount(): Promise<void> {
    const { since } = this.#admitted;
    this.#admitted = { since: 0, before: since };
    try {
      // What cannot be counted is not refused: Temporal, if it is away too, takes none.
      this.#known = (await this.#options.count()) ?? 0;
    } catch {
      this.#known ??= 0;
    } finally {
      this.#countedAt = performance.now();
      this.#counting = null;
    }
  }
}

const tooMany = (limit: number): ApiError =>
  new ApiError(
    'TOO_MANY_VIDEOS',
    `${limit} videos are under way, as many as may be (MAX_VIDEOS_UNDER_WAY). Nothing was started: send it again later.`,
  );
