import { createHash, randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Raise this when the same timeline should give another film: it makes every kept file of older versions useless. */
const RENDERER_VERSION = 3;
const TEMPORARY = /^tmp-/;
/** A temporary file this old belongs to a process that died. */
const ABANDONED_AFTER_MS = 10 * 60_000;

/** A short key of everything that decides what a file holds. */
export function contentKey(parts: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([RENDERER_VERSION, parts]))
    .digest('hex')
    .slice(0, 20);
}

/**
 * Makes a file of the work folder unless an earlier call, perhaps of a process that died since, has already made it.
 * Names are relative and plain, so that they are safe in filter graphs.
 */
export async function keep(
  workDir: string,
  { name, make }: { name: string; make: (temporary: string) => Promise<void> },
): Promise<{ name: string; made: boolean }> {
  if (await exists(join(workDir, name))) return { name, made: false };
  const temporary = temporaryName(name);
  try {
    await make(temporary);
    await rename(join(workDir, temporary), join(workDir, name));
  } finally {
    await rm(join(workDir, temporary), { force: true });
  }
  return { name, made: true };
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

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ size }) => size > 0,
    () => false,
  );
