import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Names of the direct sub-folders in which nothing has changed since; none when there is no such folder. */
export async function untouchedFolders(
  within: string,
  { unchangedSince }: { unchangedSince: Date },
): Promise<string[]> {
  const untouched: string[] = [];
  for (const name of await names(within))
    if ((await lastChange(path.join(within, name))) < unchangedSince) untouched.push(name);
  return untouched;
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
