import { createHash, randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Raise this when the same timeline should give another film: it makes every kept file of older versions useless. */
const RENDERER_VERSION = 4;
const TEMPORARY = /^tmp-/;
/** A temporary file this old belongs to a process that died. */
const ABANDONED_AFTER_MS = 10 * 60_000;

/** A short key of everything that decides what a file holds, in whatever order objects have their fields. */
export function contentKey(parts: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([RENDERER_VERSION, parts], inOrder))
    .digest('hex')
    .slice(0, 20);
}

const inOrder = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;

export interface Kept {
  name: string;
  /** False: it was there. */
  made: boolean;
}

/** Finished pieces beyond the work folder. It never fails: what it cannot give is made. */
export interface SegmentCache {
  /** Brings a piece to `file`, whole; false when there is none. */
  take(name: string, file: string): Promise<boolean>;
  /** Hears of a finished piece, which stays where it is. */
  add(name: string, file: string): Promise<void>;
  /** A piece that has turned out to be damaged. */
  remove(name: string): Promise<void>;
}

/**
 * Makes a file of the work folder unless an earlier call, perhaps of a process that died since, has already made it.
 * Names are relative and plain, so that they are safe in filter graphs.
 */
export async function keep(
  workDir: string,
  { name, make }: { name: string; make: (temporary: string) => Promise<void> },
): Promise<Kept> {
  if (await isKept(workDir, name)) return { name, made: false };
  const temporary = temporaryName(name);
  try {
    await make(temporary);
    await rename(join(workDir, temporary), join(workDir, name));
  } finally {
    await rm(join(workDir, temporary), { force: true });
  }
  return { name, made: true };
}

/** Makes a piece that is encoded (a segment, the sound), unless the work folder or the cache has it. */
export async function keepPiece(
  { workDir, segments }: { workDir: string; segments: SegmentCache | null },
  { name, make }: { name: string; make: (temporary: string) => Promise<void> },
): Promise<Kept> {
  let taken = false;
  const kept = await keep(workDir, {
    name,
    make: async (temporary) => {
      taken = (await segments?.take(name, join(workDir, temporary))) ?? false;
      if (!taken) await make(temporary);
    },
  });
  if (kept.made && !taken) await segments?.add(name, join(workDir, name));
  return { name, made: kept.made && !taken };
}

/** Nobody else's: the same film may be made twice at once, also within one process. */
export const temporaryName = (name: string): string => `tmp-${process.pid}-${randomUUID().slice(0, 8)}-${name}`;

export async function removeAbandoned(workDir: string): Promise<void> {
  for (const name of await readdir(workDir)) {
    if (!TEMPORARY.test(name)) continue;
    const path = join(workDir, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

export const isKept = (workDir: string, name: string): Promise<boolean> =>
  stat(join(workDir, name)).then(
    ({ size }) => size > 0,
    () => false,
  );
