import type { Database } from '../database/database.ts';
import { DatabaseUnavailable } from '../database/errors.ts';
import type { Logger } from '../log.ts';
import type { Bell } from '../read-model/bell.ts';
import { eventsSince, lastSeq, type StoredEvent } from '../read-model/read.ts';

/** How long after an event it is found when nobody rings. */
const LOOK_EVERY_MS = 500;
/** While the database is away. */
const LOOK_AWAY_MS = 2_000;
const PAGE = 500;

/** Null: something may have been missed, so look at what is stored. */
type Listener = (event: StoredEvent | null) => void;

/**
 * Follows the events of all videos in the order of their commits, whoever wrote them, and hands each to whoever listens
 * in this process. One query at a time however many listen, and none while nobody does.
 */
export class EventTail {
  readonly #database: Database;
  readonly #bell: Bell;
  readonly #log: Pick<Logger, 'error'>;
  readonly #listeners = new Map<string, Set<Listener>>();
  #running = false;
  #wake: () => void = () => {};

  constructor({ database, bell, log }: { database: Database; bell: Bell; log: Pick<Logger, 'error'> }) {
    this.#database = database;
    this.#bell = bell;
    this.#log = log;
  }

  /** Hears the events of one video from now on, and from a moment before. Returns what ends it. */
  listen(videoId: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(videoId) ?? new Set();
    this.#listeners.set(videoId, listeners.add(listener));
    if (!this.#running) void this.#follow();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(videoId);
      this.#wake();
    };
  }

  async #follow(): Promise<void> {
    this.#running = true;
    const stop = this.#bell.onRing(() => this.#wake());
    let seq: number | null = null;
    try {
      while (this.#listeners.size > 0) {
        const sleep = this.#sleeper();
        try {
          const last = await lastSeq(this.#database);
          // From here on; or, below what was seen, from where a database that was restored goes on.
          if (seq === null || last < seq) {
            seq = last;
            for (const listeners of this.#listeners.values()) for (const listener of listeners) listener(null);
          }
          if (last > seq) {
            const found = await eventsSince(this.#database, seq, PAGE);
            for (const event of found.events) this.#tell(event);
            seq = found.upTo;
          }
          if (seq >= last) await sleep(LOOK_EVERY_MS);
        } catch (error) {
          if (!(error instanceof DatabaseUnavailable)) this.#log.error({ err: error }, 'events could not be read');
          await sleep(LOOK_AWAY_MS);
        }
      }
    } finally {
      stop();
      this.#running = false;
      // Somebody may have come while the last look ended.
      if (this.#listeners.size > 0) void this.#follow();
    }
  }

  #tell(event: StoredEvent): void {
    for (const listener of this.#listeners.get(event.videoId) ?? []) listener(event);
  }

  /** Rung while something else is done, it does not sleep at all. */
  #sleeper(): (ms: number) => Promise<void> {
    let rung = false;
    let wake = (): void => {};
    this.#wake = () => {
      rung = true;
      wake();
    };
    return (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, rung ? 0 : ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
  }
}
