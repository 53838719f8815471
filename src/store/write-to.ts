import { createWriteStream } from 'node:fs';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface WriteToOptions {
  /** What the content passes on its way. */
  through?: Transform;
  signal?: AbortSignal | undefined;
  /** On the disk before this ends. */
  flush?: boolean;
  flags?: 'w' | 'wx';
  mode?: number;
}

/**
 * Writes a stream into a file, and is done with the file when it ends, well or not; removing it is the caller's.
 *
 * Node's `pipeline` alone is not: when the source breaks at once it may end while the file is still being opened, and
 * whoever then removes the file finds it again a moment later.
 */
export async function writeTo(file: string, source: Readable, options: WriteToOptions = {}): Promise<void> {
  const { through, signal, ...how } = options;
  const sink = createWriteStream(file, how);
  const closed = new Promise<void>((resolve) => sink.once('close', resolve));
  try {
    const way = through === undefined ? [source, sink] : [source, through, sink];
    await pipeline(way, signal === undefined ? {} : { signal });
  } finally {
    await closed;
  }
}
