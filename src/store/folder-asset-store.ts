import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZodError } from 'zod';
import { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { AssetStore } from './asset-store.ts';

/** Assets as files: `objects/ab/cd/<sha256>`, each with its reference as JSON beside it. */
export class FolderAssetStore implements AssetStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async put(content: Buffer | Readable, mediaType: string, limits = { maxBytes: Infinity }): Promise<AssetRef> {
    const temp = await this.#tempFile();
    const sink = createWriteStream(temp, { flush: true });
    const closed = new Promise<void>((resolve) => sink.once('close', resolve));
    try {
      const source = Buffer.isBuffer(content) ? Readable.from([content]) : content;
      await pipeline(source, sizeLimit(limits.maxBytes), sink);
      return await this.putFile(temp, mediaType);
    } finally {
      // A source that breaks at once ends the pipeline while the file is still being opened: removed now, it would come back.
      await closed;
      await rm(temp, { force: true });
    }
  }

  async putFile(file: string, mediaType: string): Promise<AssetRef> {
    const sha256 = await hashOf(file);
    const ref: AssetRef = { uri: `asset:${sha256}`, mediaType, sizeBytes: (await stat(file)).size, sha256 };
    const known = await this.find(sha256);
    if (known !== null) {
      await rm(file, { force: true });
      return known;
    }
    const target = this.#pathOf(sha256);
    await mkdir(path.dirname(target), { recursive: true });
    await syncFile(file);
    await rename(file, target);
    // The reference comes last: an object without it does not count as stored.
    const meta = await this.#tempFile();
    await writeSynced(meta, JSON.stringify(ref));
    await rename(meta, `${target}.json`);
    await syncFile(path.dirname(target));
    return ref;
  }

  async find(sha256: string): Promise<AssetRef | null> {
    const file = this.#pathOf(sha256);
    try {
      const ref = AssetRef.parse(JSON.parse(await readFile(`${file}.json`, 'utf8')));
      return (await stat(file)).size === ref.sizeBytes ? ref : null;
    } catch (error) {
      // What is gone or damaged does not count as stored, so that the next put of the same content mends it.
      const isDamaged = error instanceof SyntaxError || error instanceof ZodError;
      if (isDamaged || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  open(ref: AssetRef, range?: { start: number; end: number }): Readable {
    return createReadStream(this.localPath(ref), range);
  }

  read(ref: AssetRef): Promise<Buffer> {
    return readFile(this.localPath(ref));
  }

  localPath(ref: AssetRef): string {
    return this.#pathOf(ref.sha256);
  }

  #pathOf(sha256: string): string {
    return path.join(this.#dir, 'objects', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  async #tempFile(): Promise<string> {
    const dir = path.join(this.#dir, 'incoming');
    await mkdir(dir, { recursive: true });
    return path.join(dir, randomUUID());
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function sizeLimit(maxBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.byteLength;
      done(seen > maxBytes ? new PermanentError('asset_too_large', `larger than ${maxBytes} bytes`) : null, chunk);
    },
  });
}
