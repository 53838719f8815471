import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Removes what in a folder of temporary things was begun before: its process has died. */
export async function removeOlder(dir: string, begunBefore: Date): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const file = path.join(dir, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && found.mtime < begunBefore) await rm(file, { recursive: true, force: true });
  }
}
