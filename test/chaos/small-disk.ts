import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

const SIZE_MIB = 96;
const CHUNK = Buffer.alloc(1024 * 1024);

/** A small disk of its own in place of a folder, so that it can be full without anybody else noticing. */
export class SmallDisk {
  /** Why there is none here; null where there is. */
  readonly impossible: string | null;
  readonly #at: string;

  private constructor(at: string, impossible: string | null) {
    this.#at = at;
    this.impossible = impossible;
  }

  static under(at: string, sizeMiB = SIZE_MIB): SmallDisk {
    mkdirSync(at, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', at], { stdio: 'pipe' });
      return new SmallDisk(at, null);
    } catch {
      return new SmallDisk(at, 'a small disk cannot be mounted here');
    }
  }

  fill(): void {
    const file = openSync(this.#ballast, 'w');
    try {
      // To the last page.
      for (const chunk of [CHUNK, CHUNK.subarray(0, 4096)]) fillWith(file, chunk);
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** At once out of sight, and gone with its last user. */
  unmount(): void {
    if (this.impossible === null) execFileSync('umount', ['-l', this.#at], { stdio: 'pipe' });
  }

  get #ballast(): string {
    return path.join(this.#at, 'ballast');
  }
}

function fillWith(file: number, chunk: Buffer): void {
  try {
    for (;;) writeSync(file, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
