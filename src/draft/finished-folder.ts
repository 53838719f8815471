import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { draftIdOf } from './ids.ts';

/** A folder that is not finished has a name of its own: hidden, and in the same place, so that a rename finishes it. */
const UNFINISHED = '.unfinished-';
/** An unfinished folder this old belongs to a process that died: a draft takes seconds. */
const ABANDONED_AFTER_MS = 30 * 60_000;

export interface DraftFolder {
  draftId: string;
  folder: string;
}

export interface UnfinishedFolder {
  draftId: string;
  /** Where it is made. */
  folder: string;
  /** Where it will be. */
  placedAt: string;
}

interface Steps<Made> {
  /** Gives the finished folder: the one it is made in, or one inside it. */
  fill: (unfinished: UnfinishedFolder) => Promise<string>;
  beforeVisible: (made: DraftFolder) => Promise<Made>;
}

/**
 * A draft gets its name only when all that is done to it is done, in place of an earlier one of the same video.
 * Whatever fails, nothing half-made has that name.
 */
export async function finishedFolder<Made>(
  { videoId, draftsRoot, signal }: { videoId: string; draftsRoot: string; signal: AbortSignal },
  { fill, beforeVisible }: Steps<Made>,
): Promise<DraftFolder & { made: Made }> {
  const draftId = draftIdOf(videoId);
  signal.throwIfAborted();
  await mkdir(draftsRoot, { recursive: true });
  await removeAbandoned(draftsRoot);
  const unfinished = join(draftsRoot, `${UNFINISHED}${draftId}-${randomUUID().slice(0, 8)}`);
  const folder = join(draftsRoot, draftId);
  try {
    const finished = await fill({ draftId, folder: unfinished, placedAt: folder });
    const made = await beforeVisible({ draftId, folder: finished });
    signal.throwIfAborted();
    await replace(folder, finished);
    return { draftId, folder, made };
  } finally {
    // Another's server may still be writing into it: what cannot be removed now is removed as abandoned.
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
  }
}

/** A folder cannot be renamed onto another: the earlier one steps aside first, and back if that was for nothing. */
async function replace(folder: string, finished: string): Promise<void> {
  const earlier = `${finished}-earlier`;
  await rename(folder, earlier).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  try {
    await rename(finished, folder);
  } catch (error) {
    await rename(earlier, folder).catch(() => {});
    throw error;
  }
  await rm(earlier, { recursive: true, force: true });
}

async function removeAbandoned(draftsRoot: string): Promise<void> {
  for (const name of await readdir(draftsRoot)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const path = join(draftsRoot, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS)
      await rm(path, { recursive: true, force: true });
  }
}
