import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ZodError } from 'zod';
import { AssetRef } from '../domain/asset.ts';
import type { AssetStore, ByteRange, LocalUse, PutOptions, StoredAsset } from './asset-store.ts';
import { assetDamaged, assetMissing } from './faulty-asset.ts';
import { asNoRoom, checkRoom } from './no-room.ts';
import { hashOf, measureFile, receive } from './receive.ts';
import { removeOlder } from './remove-older.ts';
import { verifiedStream } from './verified-stream.ts';

/** Assets as files: `objects/ab/cd/<sha256>`, each with its reference as JSON beside it. */
export class FolderAssetStore implements AssetStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async put(content: Buffer | Readable, mediaType: string, { maxBytes, admit }: PutOptions = {}): Promise<AssetRef> {
    const temp = await this.#tempFile().catch(asNoRoom);
    try {
      const ref = await receive(content, { file: temp, mediaType, maxBytes });
      await admit?.(ref);
      return await this.#take(temp, ref);
    } catch (error) {
      return asNoRoom(error);
    } finally {
      await rm(temp, { force: true });
    }
  }

  async putFile(file: string, mediaType: string): Promise<AssetRef> {
    const ref = await measureFile(file, mediaType);
    await syncFile(file);
    return this.#take(file, ref).catch(asNoRoom);
  }

  async checkRoom(): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    await checkRoom(this.#dir);
  }

  async find(sha256: string): Promise<AssetRef | null> {
    const file = this.#pathOf(sha256);
    try {
      const ref = AssetRef.parse(JSON.parse(await readFile(`${file}.json`, 'utf8')));
      return (await stat(file)).size === ref.sizeBytes ? ref : null;
    } catch (error) {
      // What is gone or damaged does not count as stored, so that the next put of the same content mends it.
      const isDamaged = error instanceof SyntaxError || error instanceof ZodError;
      if (isDamaged || isAbsent(error)) return null;
      throw error;
    }
  }

  open(ref: AssetRef, range?: ByteRange): Readable {
    return verifiedStream(ref, { range, chunks: (bytes, signal) => this.#chunks(ref, bytes, signal) });
  }

  read(ref: AssetRef): Promise<Buffer> {
    return buffer(this.open(ref));
  }

  /** The store's own files. One that nobody refers to may be pruned, but never within a day of its last put. */
  async withLocalFiles<Result>(refs: readonly AssetRef[], { work, signal }: LocalUse<Result>): Promise<Result> {
    for (const ref of refs) {
      signal?.throwIfAborted();
      const sha256 = await hashOf(this.#pathOf(ref.sha256)).catch(missing(ref));
      if (sha256 !== ref.sha256) throw assetDamaged(ref);
    }
    return work((ref) => this.#pathOf(ref.sha256));
  }

  temporaryUrl(): Promise<null> {
    return Promise.resolve(null);
  }

  async *list(): AsyncGenerator<StoredAsset> {
    const objects = path.join(this.#dir, 'objects');
    for (const first of await names(objects)) {
      for (const second of await names(path.join(objects, first))) {
        for (const sha256 of await names(path.join(objects, first, second))) {
          if (!/^[0-9a-f]{64}$/.test(sha256)) continue;
          const found = await stat(this.#pathOf(sha256)).catch(() => null);
          if (found !== null) yield { sha256, sizeBytes: found.size, storedAt: found.mtime };
        }
      }
    }
  }

  async remove(sha256: string, condition?: { storedBefore: Date }): Promise<boolean> {
    const file = this.#pathOf(sha256);
    const found = await stat(file).catch(() => null);
    if (condition !== undefined && found !== null && found.mtime >= condition.storedBefore) return false;
    // The reference first: from then on the content does not count as stored.
    await rm(`${file}.json`, { force: true });
    await rm(file, { force: true });
    return true;
  }

  async tidy(begunBefore: Date): Promise<void> {
    await removeOlder(path.join(this.#dir, 'incoming'), begunBefore);
  }

  /** The file becomes the object. */
  async #take(file: string, ref: AssetRef): Promise<AssetRef> {
    const target = this.#pathOf(ref.sha256);
    const known = await this.find(ref.sha256);
    if (known !== null && (await hashOf(target).catch(() => null)) === ref.sha256) {
      // As if it had been stored now: what is put again is wanted again, and pruning goes by age.
      await utimes(target, new Date(), new Date());
      await rm(file, { force: true });
      return known;
    }
    await mkdir(path.dirname(target), { recursive: true });
    await this.#move(file, target);
    // The reference comes last: an object without it does not count as stored.
    const meta = await this.#tempFile();
    await writeSynced(meta, JSON.stringify(ref));
    await rename(meta, `${target}.json`);
    await syncFile(path.dirname(target));
    return ref;
  }

  /** Work folders may lie on a disk of their own; what is at `target` is whole in any case. */
  async #move(file: string, target: string): Promise<void> {
    try {
      await rename(file, target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      const copy = await this.#tempFile();
      await copyFile(file, copy);
      await syncFile(copy);
      await rename(copy, target);
      await rm(file, { force: true });
    }
  }

  async *#chunks(ref: AssetRef, range: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    const file = this.#pathOf(ref.sha256);
    const { size } = await stat(file).catch(missing(ref));
    if (size !== ref.sizeBytes) throw assetDamaged(ref);
    yield* createReadStream(file, { ...range, signal }) as AsyncIterable<Buffer>;
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

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const missing =
  (ref: AssetRef) =>
  (error: unknown): never => {
    throw isAbsent(error) ? assetMissing(ref) : error;
  };

const names = (dir: string): Promise<string[]> =>
  readdir(dir).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });

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
