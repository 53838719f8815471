import { rm } from 'node:fs/promises';
import path from 'node:path';
import { untouchedFolders } from './untouched-folders.ts';

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
  const old = (await untouchedFolders(within, { unchangedSince })).filter((name) => named.test(name));
  if (!dryRun) for (const name of old) await rm(path.join(within, name), { recursive: true, force: true });
  return old.length;
}
