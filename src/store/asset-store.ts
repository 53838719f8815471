import type { Readable } from 'node:stream';
import type { AssetRef } from '../domain/asset.ts';

/**
 * Content-addressed blobs. Every process of a deployment reaches the same store.
 * Whatever is returned as an AssetRef is on disk (fsynced) when the promise resolves.
 */
export interface AssetStore {
  put(content: Buffer | Readable, mediaType: string, limits?: { maxBytes: number }): Promise<AssetRef>;
  /** Takes the file over: it is gone from where it was. */
  putFile(file: string, mediaType: string): Promise<AssetRef>;
  /** The reference, if the store has the content. */
  find(sha256: string): Promise<AssetRef | null>;
  /** Bytes `start` to `end`, both included, as HTTP ranges count. */
  open(ref: AssetRef, range?: { start: number; end: number }): Readable;
  read(ref: AssetRef): Promise<Buffer>;
  /** A local path with the content, for programs such as ffmpeg. Never to be written to. */
  localPath(ref: AssetRef): string;
}
