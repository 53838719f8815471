import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { ListFile } from './manifest.ts';

const NEWLINE = 0x0a;
/** Written in pieces of about this size. */
const PIECE_BYTES = 256 * 1024;

/** A list of any length as NDJSON, counted and hashed while it is written. */
export class ListWriter {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  #sizeBytes = 0;
  #rows = 0;
  #held = '';
  /** One write at a time, whoever calls. */
  #written: Promise<void> = Promise.resolve();

  private constructor(file: string, handle: FileHandle) {
    this.#path = file;
    this.#handle = handle;
  }

  /** `file` is relative to the backup's folder. */
  static async open(folder: string, file: string): Promise<ListWriter> {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true, mode: 0o700 });
    return new ListWriter(file, await open(path.join(folder, file), 'w', 0o600));
  }

  /** Gives back the line. */
  async write(row: unknown): Promise<string> {
    const line = JSON.stringify(row);
    this.#rows += 1;
    this.#held += `${line}\n`;
    if (this.#held.length >= PIECE_BYTES) await this.#flush();
    return line;
  }

  async finish(): Promise<ListFile> {
    await this.#flush();
    await this.#handle.sync();
    await this.close();
    return { path: this.#path, sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex'), rows: this.#rows };
  }

  /** Of one that will not be finished. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #flush(): Promise<void> {
    const piece = Buffer.from(this.#held);
    this.#held = '';
    this.#hash.update(piece);
    this.#sizeBytes += piece.byteLength;
    this.#written = this.#written.then(() => this.#handle.writeFile(piece));
    await this.#written;
  }
}

/** The rows, one at a time. Cut at \n alone: node:readline also cuts at U+2028, which JSON leaves as it is. */
export async function* readList(folder: string, file: string): AsyncGenerator<unknown> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path.join(folder, file)) as AsyncIterable<Buffer>) {
    let piece = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE)) {
      yield JSON.parse(piece.toString('utf8', 0, end));
      piece = piece.subarray(end + 1);
    }
    rest = piece;
  }
}
