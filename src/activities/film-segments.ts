import { createHash } from 'node:crypto';
import { log } from '@temporalio/activity';
import type { SegmentCache } from '../render/work-files.ts';
import type { SegmentStore } from '../store/segment-store.ts';

/**
 * The tenant's finished pieces, as a render uses them: a store that fails costs time only. What is added is on its way
 * until `settled`.
 */
export class FilmSegments implements SegmentCache {
  readonly #store: SegmentStore;
  readonly #tenant: string;
  readonly #adding: Promise<void>[] = [];

  constructor(store: SegmentStore, tenant: string) {
    this.#store = store;
    this.#tenant = tenant;
  }

  async take(name: string, file: string): Promise<boolean> {
    return (await this.#careful('taken', () => this.#store.take(this.#keyOf(name), file))) ?? false;
  }

  /** Encoding goes on meanwhile. */
  add(name: string, file: string): Promise<void> {
    this.#adding.push(this.#careful('kept', () => this.#store.add(this.#keyOf(name), file)).then(() => {}));
    return Promise.resolve();
  }

  async remove(name: string): Promise<void> {
    await this.#careful('removed', () => this.#store.remove(this.#keyOf(name)));
  }

  async settled(): Promise<void> {
    await Promise.all(this.#adding);
  }

  /** Nobody is given what another tenant's film has shown. */
  #keyOf(name: string): string {
    return createHash('sha256')
      .update(JSON.stringify([this.#tenant, name]))
      .digest('hex');
  }

  async #careful<T>(what: string, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      log.warn('A segment could not be had from the cache, or put there', {
        what,
        reason: error instanceof Error ? error.message : 'unknown',
      });
      return null;
    }
  }
}
