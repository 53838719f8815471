import type { Stats } from '../../contract/stats.ts';
import type { StatsDeps } from '../system/read-stats.ts';
import { readStats } from '../system/read-stats.ts';

const EVERY_MS = 5_000;

interface StatsReader {
  sendStats(update: Buffer): void;
}

/** Figures for whoever follows them: read once for all of them, and not at all while nobody does. */
export class StatsFeed {
  readonly #deps: StatsDeps;
  readonly #readers = new Set<StatsReader>();
  #timer: NodeJS.Timeout | null = null;

  constructor(deps: StatsDeps) {
    this.#deps = deps;
  }

  /** @throws ApiError DATABASE_UNAVAILABLE */
  read(): Promise<Stats> {
    return readStats(this.#deps);
  }

  add(reader: StatsReader): void {
    this.#readers.add(reader);
    this.#timer ??= setInterval(() => void this.#send(), EVERY_MS).unref();
  }

  remove(reader: StatsReader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  async #send(): Promise<void> {
    // While the database is away there are no figures; the next ones come when it is back.
    const payload = await this.read().catch(() => null);
    if (payload === null) return;
    const update = Buffer.from(JSON.stringify({ type: 'stats_update', payload }));
    for (const reader of this.#readers) reader.sendStats(update);
  }
}
