import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** ZIP knows no time zone: one fixed moment, at noon, is the same day everywhere. */
const MODIFIED = new Date(2020, 0, 1, 12);
const MODE = 0o100644;
/** Packed already. */
const STORED = /\.(?:jpg|png|mp3|m4a|mp4)$/;

/**
 * The draft's folder as a ZIP, one file at a time, under the draft's own name. The same files give the same bytes: in
 * the order of their names, with one time for all.
 */
export async function zipDraft(
  folder: string,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<Readable> {
  signal.throwIfAborted();
  const zip = new ZipFile();
  for (const file of await filesIn(folder)) {
    zip.addFile(join(folder, file), `${name}/${file}`, {
      mtime: MODIFIED,
      mode: MODE,
      compress: !STORED.test(file),
      forceDosTimestamp: true,
    });
  }
  zip.end();
  const out = zip.outputStream as Readable;
  // With the signal's own reason, by which Temporal knows a cancellation.
  const stop = (): void => void out.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  out.once('close', () => signal.removeEventListener('abort', stop));
  zip.on('error', (error: Error) => out.destroy(error));
  return out;
}

/** Files below a folder, with `/`, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
