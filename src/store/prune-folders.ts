import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

export interface PruneFoldersOptions {
  /** Its direct sub-folders are looked at; the folder itself may be missing. */
  within: string;
  /** Only these, by name. */
  named: RegExp;
  /** Nothing inside has changed since. */
  unchangedSince: Date;
  dryRun: boolean;
}

/** Removes folders that have not been touched for long. Returns how many. */
export async function pruneFolders({ within, named, unchangedSince, dryRun }: PruneFoldersOptions): Promise<number> {
  let pruned = 0;
  for (const name of await names(within)) {
    const folder = path.join(within, name);
    if (!named.test(name) || (await lastChange(folder)) >= unchangedSince) continue;
    if (!dryRun) await rm(folder, { recursive: true, force: true });
    pruned += 1;
  }
  return pruned;
}

/** Of the folder or of anything in it: an editor changes files deep inside. */
async function lastChange(folder: string): Promise<Date> {
  const inside = await readdir(folder, { recursive: true }).catch(() => []);
  let latest = 0;
  for (const name of ['', ...inside]) {
    const found = await stat(path.join(folder, name)).catch(() => null);
    latest = Math.max(latest, found?.mtimeMs ?? 0);
  }
  return new Date(latest);
}

const names = (dir: string): Promise<string[]> =>
  readdir(dir).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
