import type { Database } from '../../database/database.ts';
import { DatabaseUnavailable } from '../../database/errors.ts';
import type { Logger } from '../../log.ts';
import type { Bell } from '../../read-model/bell.ts';
import { eventsSince, lastSeq, type StoredEvent, type UnreadEvent } from '../../read-model/read.ts';

/** How long after an event it is found when nobody rings. */
const LOOK_EVERY_MS = 250;
/** While the database is away. */
const LOOK_AWAY_MS = 2_000;
const PAGE = 500;

export interface TailListener {
  /** Whether anybody wants to know. */
  isWanted(): boolean;
  /** From here on everything is told; what came before may have been missed. */
  onStart(): void;
  onEvent(event: StoredEvent | UnreadEvent): void;
  /** The database goes on from an earlier place: it was restored from a backup. */
  onRewind(): void;
  /** Everything up to now is told, and the database answers. */
  onLook(): void;
}

export interface TailOptions {
  database: Database;
  bell: Bell;
  log: Pick<Logger, 'error'>;
}

/**
 * Follows the events of all videos in the order of their commits, whoever wrote them: one query at a time however many
 * clients there are, and none while there is nobody.
 */
export class EventTail {
  readonly #options: TailOptions;
  readonly #listener: TailListener;
  #running = false;
  #wake: () => void = () => {};

  constructor(options: TailOptions, listener: TailListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** To be called when somebody has come. */
  follow(): void {
    if (!this.#running) void this.#follow();
  }

  async #follow(): Promise<void> {
    const { database, bell, log } = this.#options;
    const listener = this.#listener;
    this.#running = true;
    const stop = bell.onRing(() => this.#wake());
    let seq: number | null = null;
    try {
      while (listener.isWanted()) {
        const sleep = this.#sleeper();
        try {
          const last = await lastSeq(database);
          if (seq === null) listener.onStart();
          else if (last < seq) listener.onRewind();
          if (seq === null || last < seq) seq = last;
          if (last > seq) {
            const found = await eventsSince(database, seq, PAGE);
            for (const event of found.events) listener.onEvent(event);
            seq = found.upTo;
          }
          if (seq < last) continue;
          listener.onLook();
          await sleep(LOOK_EVERY_MS);
        } catch (error) {
          if (!(error instanceof DatabaseUnavailable)) log.error({ err: error }, 'events could not be read');
          await sleep(LOOK_AWAY_MS);
        }
      }
    } finally {
      stop();
      this.#running = false;
      // Somebody may have come while the last look ended.
      if (listener.isWanted()) void this.#follow();
    }
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
