import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import { writeTo } from './write-to.ts';

/**
 * Writes content to a file while it is measured: its length may be unknown, and a film does not fit into memory.
 * @throws PermanentError `asset_too_large` as soon as it is over the limit. The file is the caller's to remove.
 */
export async function receive(
  content: Buffer | Readable,
  { file, mediaType, maxBytes = Infinity }: { file: string; mediaType: string; maxBytes?: number | undefined },
): Promise<AssetRef> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) {
        done(new PermanentError('asset_too_large', `larger than ${maxBytes} bytes`));
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const source = Buffer.isBuffer(content) ? Readable.from([content]) : content;
  await writeTo(file, source, { through: measure, flush: true });
  return refOf({ sha256: hash.digest('hex'), mediaType, sizeBytes });
}

/** What a file holds. */
export async function measureFile(file: string, mediaType: string): Promise<AssetRef> {
  const sha256 = await hashOf(file);
  return refOf({ sha256, mediaType, sizeBytes: (await stat(file)).size });
}

export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

export const refOf = (content: Omit<AssetRef, 'uri'>): AssetRef => ({ uri: `asset:${content.sha256}`, ...content });
