import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { hashOf } from './receive.ts';
import { removeOlder } from './remove-older.ts';
import { beyondLimits, type PrunedSegments, type SegmentLimits, type SegmentStore } from './segment-store.ts';

/** After so much of the limit has been added, this process looks whether all is still below it. */
const LOOK_AFTER_SHARE = 1 / 16;
/** Nobody copies one piece for this long. */
const INCOMING_MS = 60 * 60_000;

interface StoredPiece {
  file: string;
  usedAt: Date;
  sizeBytes: number;
}

/**
 * Pieces as files `ab/<key>.<sha256>`: hard links of those in the work folders, so that nothing is copied, and nothing is
 * taken from a render by pruning. Several processes may share the folder.
 */
export class FolderSegmentStore implements SegmentStore {
  readonly #dir: string;
  readonly #maxBytes: number;
  #addedBytes = Infinity;

  constructor({ dir, maxBytes }: { dir: string; maxBytes: number }) {
    this.#dir = dir;
    this.#maxBytes = maxBytes;
  }

  async take(key: string, file: string): Promise<boolean> {
    for (const stored of await this.#filesOf(key)) {
      if (!(await lent(stored, file))) continue;
      if ((await hashOf(file)) === path.extname(stored).slice(1)) {
        await utimes(file, new Date(), new Date()); // the same file as in the store
        return true;
      }
      await rm(file, { force: true });
      await rm(stored, { force: true });
    }
    return false;
  }

  async add(key: string, file: string): Promise<void> {
    const { size } = await stat(file);
    const target = path.join(this.#folderOf(key), `${key}.${await hashOf(file)}`);
    await mkdir(path.dirname(target), { recursive: true });
    await this.#lay(file, target);
    this.#addedBytes += size;
    if (this.#addedBytes < this.#maxBytes * LOOK_AFTER_SHARE) return;
    this.#addedBytes = 0;
    await this.prune({ usedSince: new Date(0), maxBytes: this.#maxBytes });
  }

  async remove(key: string): Promise<void> {
    for (const stored of await this.#filesOf(key)) await rm(stored, { force: true });
  }

  async prune(limits: SegmentLimits): Promise<PrunedSegments> {
    const gone = beyondLimits(await this.#all(), limits);
    if (limits.dryRun !== true) {
      for (const { file } of gone) await rm(file, { force: true });
      await removeOlder(path.join(this.#dir, 'incoming'), new Date(Date.now() - INCOMING_MS));
    }
    return { segments: gone.length, bytes: gone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
  }

  /** By name only when it is whole: whoever has made the same piece at the same time has made it as well. */
  async #lay(file: string, target: string): Promise<void> {
    try {
      await link(file, target);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return;
      if (!isOtherDisk(error)) throw error;
      const temporary = path.join(this.#dir, 'incoming', randomUUID());
      await mkdir(path.dirname(temporary), { recursive: true });
      try {
        await copyFile(file, temporary);
        await rename(temporary, target);
      } finally {
        await rm(temporary, { force: true });
      }
    }
  }

  #folderOf(key: string): string {
    return path.join(this.#dir, key.slice(0, 2));
  }

  async #filesOf(key: string): Promise<string[]> {
    const folder = this.#folderOf(key);
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(`${key}.`));
    return names.map((name) => path.join(folder, name));
  }

  async #all(): Promise<StoredPiece[]> {
    const pieces: StoredPiece[] = [];
    for (const part of await readdir(this.#dir).catch(() => [])) {
      if (!/^[0-9a-f]{2}$/.test(part)) continue;
      for (const name of await readdir(path.join(this.#dir, part)).catch(() => [])) {
        const file = path.join(this.#dir, part, name);
        const found = await stat(file).catch(() => null);
        if (found !== null) pieces.push({ file, usedAt: found.mtime, sizeBytes: found.size });
      }
    }
    return pieces;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Work folders may lie on a disk of their own, or on one without links. */
const isOtherDisk = (error: unknown): boolean => ['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes(codeOf(error) ?? '');

async function lent(stored: string, file: string): Promise<boolean> {
  try {
    await link(stored, file).catch((error: unknown) => {
      if (!isOtherDisk(error)) throw error;
      return copyFile(stored, file);
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false; // pruned in between
    throw error;
  }
}
