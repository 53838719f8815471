import type { Readable } from 'node:stream';
import type { AssetRef } from '../domain/asset.ts';

/**
 * Content-addressed blobs. Every process of a deployment reaches the same store.
 * Whatever is returned as an AssetRef is stored for good (on disk, or acknowledged by the object store) when the promise
 * resolves. What is read is checked against its name: content that is damaged is never handed out as if it were whole.
 *
 * Reading throws PermanentError `asset_missing` or `asset_damaged`; a put of the same content mends both. An object store
 * that is away throws StoreUnavailableError, a full disk its NoRoomError.
 */
export interface AssetStore {
  /** @throws PermanentError `asset_too_large` over the limit. */
  put(content: Buffer | Readable, mediaType: string, options?: PutOptions): Promise<AssetRef>;
  /** Asked before something is bought. @throws NoRoomError when it could not be put. */
  checkRoom(): Promise<void>;
  /** Takes the file over: it is gone from where it was. */
  putFile(file: string, mediaType: string): Promise<AssetRef>;
  /** The reference, if the store has the content. */
  find(sha256: string): Promise<AssetRef | null>;
  /**
   * Bytes `start` to `end`, both included, as HTTP ranges count. Of the whole, the last bytes come only when all were
   * right; of a part only the size can be checked.
   */
  open(ref: AssetRef, range?: ByteRange): Readable;
  read(ref: AssetRef): Promise<Buffer>;
  /** Gives the assets to programs such as ffmpeg, as files that stay until `work` has ended. Never to be written to. */
  withLocalFiles<Result>(refs: readonly AssetRef[], use: LocalUse<Result>): Promise<Result>;
  /** Where anyone can fetch the bytes for a while; null when this store cannot do that. A secret while it lives: not for logs. */
  temporaryUrl(ref: AssetRef, headers: { contentDisposition: string }): Promise<string | null>;
  /** Everything that is stored, in no order. */
  list(): AsyncIterable<StoredAsset>;
  /** Then the store does not know the content any more. False when it was put again after `storedBefore`, and stays. */
  remove(sha256: string, condition?: { storedBefore: Date }): Promise<boolean>;
  /** Removes what is left of puts and uses that began before and never ended. */
  tidy(begunBefore: Date): Promise<void>;
}

export interface LocalUse<Result> {
  work: (pathOf: (ref: AssetRef) => string) => Promise<Result>;
  /** Gives up bringing the files; throws its reason. */
  signal?: AbortSignal | undefined;
}

export interface PutOptions {
  maxBytes?: number;
  /** Asked once the content is known and before it is stored. Throws to refuse it: then nothing is kept. */
  admit?: (ref: AssetRef) => Promise<void>;
}

export interface ByteRange {
  start: number;
  end: number;
}

export interface StoredAsset {
  sha256: string;
  sizeBytes: number;
  /** When the content was last put. */
  storedAt: Date;
}
