import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Fills a folder of the cache once: in a temporary place beside it, renamed when complete. Two processes may do this at
 * the same time; the second one's work is thrown away.
 */
export async function installOnce(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  if (await isFolder(folder)) return;
  const temporary = `${folder}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`;
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(temporary);
  try {
    await fill(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (isTaken(error) && (await isFolder(folder))) return;
    throw error;
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
