import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { AssetRef } from '../domain/asset.ts';
import type { LocalUse } from './asset-store.ts';
import { hashOf } from './receive.ts';
import { removeOlder } from './remove-older.ts';
import { writeTo } from './write-to.ts';

/** Downloads at once: enough to fill a line, few enough to leave sockets to others. */
const AT_ONCE = 4;

interface Loan {
  open: (ref: AssetRef) => Readable;
  /** Where the file has to be. */
  to: string;
  signal: AbortSignal | undefined;
}

export interface AssetCacheOptions {
  /** On a file system with hard links; several processes may share it. */
  dir: string;
  /** Above this, what was used longest ago is removed; files in use stay as long as they are used. */
  maxBytes: number;
}

/**
 * Local copies of what an object store has: `objects/<sha256>`. Who works with one gets a hard link of his own
 * (`in-use/<lease>/<sha256>`), so that nothing he works with goes away, whoever evicts what.
 */
export class AssetCache {
  readonly #dir: string;
  readonly #maxBytes: number;
  /** By sha256: two that want the same at the same time wait for one download. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor({ dir, maxBytes }: AssetCacheOptions) {
    this.#dir = dir;
    this.#maxBytes = maxBytes;
  }

  /** Runs `work` with verified local files. `open` gives the content from afar, and fails when that is not what it should be. */
  async withFiles<Result>(
    refs: readonly AssetRef[],
    { open, work, signal }: LocalUse<Result> & { open: (ref: AssetRef) => Readable },
  ): Promise<Result> {
    const lease = path.join(this.#dir, 'in-use', randomUUID());
    const pathOf = ({ sha256 }: AssetRef): string => path.join(lease, sha256);
    await mkdir(lease, { recursive: true });
    try {
      const wanted = [...new Map(refs.map((ref) => [ref.sha256, ref])).values()];
      await fewAtOnce(wanted, (ref) => this.#lend(ref, { open, signal, to: pathOf(ref) })).catch((error: unknown) => {
        signal?.throwIfAborted(); // its reason, not what it broke
        throw error;
      });
      signal?.throwIfAborted();
      return await work(pathOf);
    } finally {
      await rm(lease, { recursive: true, force: true });
    }
  }

  /** A new file for content on its way; the caller's to remove. */
  async tempFile(): Promise<string> {
    const dir = path.join(this.#dir, 'incoming');
    await mkdir(dir, { recursive: true });
    return path.join(dir, randomUUID());
  }

  /** Removes what processes that died have left, and brings the cache below its limit. */
  async tidy(begunBefore: Date): Promise<void> {
    for (const kind of ['incoming', 'in-use']) await removeOlder(path.join(this.#dir, kind), begunBefore);
    await this.#evict(this.#maxBytes);
  }

  /** Returns the bytes removed. */
  async #evict(maxBytes: number): Promise<number> {
    const files = await filesIn(path.join(this.#dir, 'objects'));
    let total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    let removed = 0;
    for (const { file, sizeBytes } of files.sort((one, other) => one.usedAtMs - other.usedAtMs)) {
      if (total <= maxBytes) break;
      await rm(file, { force: true });
      total -= sizeBytes;
      removed += sizeBytes;
    }
    return removed;
  }

  /** From the cache, else from whoever is fetching it already, else from afar. */
  async #lend(ref: AssetRef, loan: Loan): Promise<void> {
    while (!(await this.#lendCached(ref, loan.to))) {
      loan.signal?.throwIfAborted();
      const fetching = this.#underWay.get(ref.sha256);
      if (fetching === undefined) {
        await this.#fetchOnce(ref, loan);
        await this.#evict(this.#maxBytes);
        return;
      }
      // Evicted before we had it, or failed: then this call fetches it, and has the failure as its own.
      await fetching.catch(() => {});
    }
  }

  async #lendCached(ref: AssetRef, to: string): Promise<boolean> {
    const cached = this.#pathOf(ref.sha256);
    if (!(await linked(cached, to))) return false;
    if ((await hashOf(to)) === ref.sha256) {
      await utimes(to, new Date(), new Date()); // the same file as in the cache, if it is still there
      return true;
    }
    await rm(to);
    await rm(cached, { force: true });
    return false;
  }

  #fetchOnce(ref: AssetRef, loan: Loan): Promise<void> {
    const fetching = this.#fetch(ref, loan).finally(() => this.#underWay.delete(ref.sha256));
    this.#underWay.set(ref.sha256, fetching);
    return fetching;
  }

  /** The lease gets its link before the cache does: what it has, no evicting takes away. */
  async #fetch(ref: AssetRef, { open, to, signal }: Loan): Promise<void> {
    const temp = await this.tempFile();
    const target = this.#pathOf(ref.sha256);
    const write = (): Promise<void> => writeTo(temp, open(ref), { signal });
    try {
      await write().catch(async (error: unknown) => {
        // A full disk is most likely full of what lies here.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC' || (await this.#evict(0)) === 0) throw error;
        await write();
      });
      await link(temp, to);
      await mkdir(path.dirname(target), { recursive: true });
      await rename(temp, target);
    } finally {
      await rm(temp, { force: true });
    }
  }

  #pathOf(sha256: string): string {
    return path.join(this.#dir, 'objects', sha256);
  }
}

/** A few at once. The first failure begins no more, and counts when all that were under way have ended. */
async function fewAtOnce<Item>(items: readonly Item[], task: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined && failures.length === 0; item = left.shift())
      await task(item).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failures.length > 0) throw failures[0] as Error;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function filesIn(dir: string): Promise<{ file: string; sizeBytes: number; usedAtMs: number }[]> {
  const names = await readdir(dir).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const file = path.join(dir, name);
      const stats = await stat(file).catch(() => null);
      return stats === null ? null : { file, sizeBytes: stats.size, usedAtMs: stats.mtimeMs };
    }),
  );
  return found.filter((each) => each !== null);
}
