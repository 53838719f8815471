import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Painter } from './pictures/painter.ts';
import type { Speaker, Spoken } from './speech/speaker.ts';

/**
 * What was drawn or spoken once, kept in a folder that sandboxes may share: equal orders give equal bytes, so that a
 * second sandbox need not draw again what the first has drawn. Whoever names the folder answers for its age: it knows
 * nothing of a painter that has changed since.
 */
export class KeptMedia {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  painter(painter: Painter): Painter {
    return { ...painter, paint: (order) => this.#once('picture', order, () => painter.paint(order)) };
  }

  speaker(speaker: Speaker): Speaker {
    return {
      ...speaker,
      speak: async (order) => {
        const speak = async () => packed(await speaker.speak(order));
        return unpacked(await this.#once('speech', order, speak));
      },
    };
  }

  async #once(kind: string, order: unknown, make: () => Promise<Buffer>): Promise<Buffer> {
    const name = createHash('sha256')
      .update(`${kind}\0${JSON.stringify(order)}`)
      .digest('hex');
    const file = path.join(this.#folder, name);
    const kept = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (kept !== null) return kept;
    const made = await make();
    await mkdir(this.#folder, { recursive: true });
    // Another sandbox may make the same at this moment: nobody reads half a file.
    const temporary = `${file}.${randomUUID()}`;
    await writeFile(temporary, made);
    await rename(temporary, file);
    return made;
  }
}

/** One line of JSON, then the sound. */
function packed({ pcm, ...rest }: Spoken): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(rest)}\n`), pcm]);
}

function unpacked(bytes: Buffer): Spoken {
  const end = bytes.indexOf('\n');
  const rest = JSON.parse(bytes.toString('utf8', 0, end)) as Omit<Spoken, 'pcm'>;
  return { ...rest, pcm: bytes.subarray(end + 1) };
}
