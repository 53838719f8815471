import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type MultipartUpload,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { AssetCache } from './asset-cache.ts';
import type { AssetStore, ByteRange, LocalUse, PutOptions, StoredAsset } from './asset-store.ts';
import { assetDamaged, assetMissing } from './faulty-asset.ts';
import { measureFile, receive, refOf } from './receive.ts';
import { createS3Client, isNotFound, type S3Settings, unavailable } from './s3-client.ts';
import { verifiedStream } from './verified-stream.ts';

/** In memory at once for one upload: two parts. Smaller content goes in one request. */
const PART_BYTES = 5 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
/** A body that breaks off is continued where it broke; this often without a byte in between. */
const MAX_BREAKS = 3;
const BREAK_PAUSE_MS = 200;

/** Assets as objects `objects/ab/cd/<sha256>` of any S3-compatible store; their type is the content type. */
export class S3AssetStore implements AssetStore {
  readonly #settings: S3Settings;
  readonly #cache: AssetCache;
  readonly #client: S3Client;
  readonly #signer: S3Client;

  constructor(settings: S3Settings, cache: AssetCache) {
    this.#settings = settings;
    this.#cache = cache;
    this.#client = createS3Client(settings);
    this.#signer = settings.publicEndpoint === null ? this.#client : createS3Client(settings, settings.publicEndpoint);
  }

  /** @throws StoreUnavailableError that says what to mend when the bucket cannot be used. */
  async check(): Promise<void> {
    const { bucket: Bucket, prefix: Prefix } = this.#settings;
    // A list, because the answer to a HEAD has no words.
    const command = new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 });
    await this.#small('be used', (options) => this.#client.send(command, options));
  }

  async put(content: Buffer | Readable, mediaType: string, { maxBytes, admit }: PutOptions = {}): Promise<AssetRef> {
    const temp = await this.#cache.tempFile();
    try {
      const ref = await receive(content, { file: temp, mediaType, maxBytes });
      await admit?.(ref);
      return await this.#upload(temp, ref);
    } finally {
      await rm(temp, { force: true });
    }
  }

  /** A bucket has no end. */
  checkRoom(): Promise<void> {
    return Promise.resolve();
  }

  async putFile(file: string, mediaType: string): Promise<AssetRef> {
    const ref = await this.#upload(file, await measureFile(file, mediaType));
    await rm(file, { force: true });
    return ref;
  }

  async find(sha256: string): Promise<AssetRef | null> {
    const head = await this.#head(sha256);
    return head === null ? null : refFrom(head, sha256);
  }

  open(ref: AssetRef, range?: ByteRange): Readable {
    return verifiedStream(ref, { range, chunks: (bytes, signal) => this.#chunks(ref, bytes, signal) });
  }

  read(ref: AssetRef): Promise<Buffer> {
    return buffer(this.open(ref));
  }

  withLocalFiles<Result>(refs: readonly AssetRef[], use: LocalUse<Result>): Promise<Result> {
    return this.#cache.withFiles(refs, { ...use, open: (ref) => this.open(ref) });
  }

  temporaryUrl(ref: AssetRef, { contentDisposition }: { contentDisposition: string }): Promise<string> {
    const command = new GetObjectCommand({
      ...this.#at(ref.sha256),
      ResponseContentType: ref.mediaType,
      ResponseContentDisposition: contentDisposition,
    });
    return getSignedUrl(this.#signer, command, { expiresIn: this.#settings.presignSeconds });
  }

  async *list(): AsyncGenerator<StoredAsset> {
    const { bucket: Bucket, prefix } = this.#settings;
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket, Prefix: `${prefix}objects/` });
    try {
      for await (const { Contents = [] } of pages) {
        for (const { Key = '', Size = 0, LastModified } of Contents) {
          const sha256 = Key.slice(Key.lastIndexOf('/') + 1);
          if (/^[0-9a-f]{64}$/.test(sha256) && LastModified !== undefined)
            yield { sha256, sizeBytes: Size, storedAt: LastModified };
        }
      }
    } catch (error) {
      throw unavailable('list its assets', error);
    }
  }

  async remove(sha256: string, condition?: { storedBefore: Date }): Promise<boolean> {
    if (condition !== undefined && (await this.#isNewer(sha256, condition.storedBefore))) return false;
    await this.#small('remove an asset', (options) =>
      this.#client.send(new DeleteObjectCommand(this.#at(sha256)), options),
    );
    return true;
  }

  async tidy(begunBefore: Date): Promise<void> {
    await this.#cache.tidy(begunBefore);
    for (const { Key, UploadId, Initiated } of await this.#unfinishedUploads()) {
      if (Initiated === undefined || Initiated >= begunBefore) continue;
      const command = new AbortMultipartUploadCommand({ Bucket: this.#settings.bucket, Key, UploadId });
      await this.#small('end an upload', (options) => this.#client.send(command, options));
    }
  }

  /** Parts that nobody sees but the bill. A thousand at most; the next time the next. */
  async #unfinishedUploads(): Promise<MultipartUpload[]> {
    const { bucket: Bucket, prefix } = this.#settings;
    const command = new ListMultipartUploadsCommand({ Bucket, Prefix: `${prefix}objects/` });
    const { Uploads = [] } = await this.#small('list uploads', (options) => this.#client.send(command, options));
    return Uploads;
  }

  /** Looked at anew just before a removal: a list is old when its last line is read. */
  async #isNewer(sha256: string, than: Date): Promise<boolean> {
    const head = await this.#head(sha256);
    return head?.LastModified !== undefined && head.LastModified >= than;
  }

  /**
   * Uploads also what is there already: nobody can know that it is whole there without reading it, and what is put again is
   * wanted again (pruning goes by age). It becomes visible as a whole, or not at all.
   */
  async #upload(file: string, ref: AssetRef): Promise<AssetRef> {
    const known = await this.find(ref.sha256);
    const stored = { ...ref, mediaType: known?.mediaType ?? ref.mediaType };
    const body = createReadStream(file);
    try {
      await new Upload({
        client: this.#client,
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
        params: {
          ...this.#at(ref.sha256),
          Body: body,
          ContentType: stored.mediaType,
          Metadata: { sha256: ref.sha256, bytes: String(ref.sizeBytes) },
        },
      }).done();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === 'read') throw error; // our file's own
      throw unavailable('store an asset', error);
    } finally {
      body.destroy();
    }
    return stored;
  }

  /** A body that breaks off (store restarted, reader paused for long) is continued from its last byte. */
  async *#chunks(ref: AssetRef, { start, end }: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer> {
    let at = start;
    for (let breaks = 0; at <= end;) {
      try {
        for await (const chunk of await this.#body(ref, { start: at, end }, signal)) {
          at += chunk.byteLength;
          breaks = 0;
          yield chunk;
        }
        if (at <= end) throw new Error('the body ended early');
      } catch (error) {
        breaks += 1;
        if (error instanceof PermanentError || signal.aborted) throw error;
        if (breaks >= MAX_BREAKS) throw unavailable('give an asset', error);
        await sleep(BREAK_PAUSE_MS * breaks, undefined, { signal });
      }
    }
  }

  async #body(ref: AssetRef, { start, end }: ByteRange, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const command = new GetObjectCommand({ ...this.#at(ref.sha256), Range: `bytes=${start}-${end}` });
    const { Body, ContentRange, ContentLength } = await this.#client
      .send(command, { abortSignal: signal })
      .catch((error: unknown) => {
        if (isNotFound(error)) throw assetMissing(ref);
        // The range lies outside of what is there.
        throw error instanceof Error && error.name === 'InvalidRange' ? assetDamaged(ref) : error;
      });
    const body = Body as Readable;
    const total = ContentRange?.split('/')[1] ?? String(start + (ContentLength ?? NaN));
    if (total === String(ref.sizeBytes)) return body;
    body.destroy();
    throw assetDamaged(ref);
  }

  async #head(sha256: string): Promise<HeadObjectCommandOutput | null> {
    try {
      return await this.#small('find an asset', (options) =>
        this.#client.send(new HeadObjectCommand(this.#at(sha256)), options),
      );
    } catch (error) {
      if (error instanceof AbsentObject) return null;
      throw error;
    }
  }

  /** A request of a few hundred bytes, with its repetitions within one deadline. */
  async #small<Answer>(
    what: string,
    send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await send({ abortSignal: AbortSignal.timeout(this.#settings.timeoutMs) });
    } catch (error) {
      if (isNotFound(error)) throw new AbsentObject();
      throw unavailable(what, error);
    }
  }

  #at(sha256: string): { Bucket: string; Key: string } {
    const key = `objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
    return { Bucket: this.#settings.bucket, Key: `${this.#settings.prefix}${key}` };
  }
}

class AbsentObject extends Error {}

/** What is not as we put it does not count as stored, so that the next put of the same content mends it. */
function refFrom(
  { Metadata, ContentType, ContentLength: sizeBytes }: HeadObjectCommandOutput,
  sha256: string,
): AssetRef | null {
  if (Metadata?.['sha256'] !== sha256 || sizeBytes === undefined || Metadata['bytes'] !== String(sizeBytes))
    return null;
  return refOf({ sha256, mediaType: ContentType ?? 'application/octet-stream', sizeBytes });
}
