import { createHash } from 'node:crypto';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AssetRef } from '../domain/asset.ts';
import type { ByteRange } from './asset-store.ts';
import { assetDamaged } from './faulty-asset.ts';

/** Where the bytes of a range come from; ends early when the signal aborts. */
export type Chunks = (range: ByteRange, signal: AbortSignal) => AsyncIterable<Buffer>;

/**
 * A stream of an asset's bytes that never ends well with wrong ones. The last chunk is held back until all are known to be
 * right, so that whoever counts bytes never has a damaged whole.
 */
export function verifiedStream(
  ref: AssetRef,
  { range, chunks }: { range?: ByteRange | undefined; chunks: Chunks },
): Readable {
  const { start, end } = range ?? wholeOf(ref);
  const stopped = new AbortController();
  const out = new PassThrough();
  // Whoever reads may go away at any moment; the source is let go of then.
  out.once('close', () => stopped.abort());
  const isWhole = start === 0 && end === ref.sizeBytes - 1;
  const sha256 = isWhole ? ref.sha256 : null;
  const source = ref.sizeBytes === 0 ? [] : chunks({ start, end }, stopped.signal);
  // A failure destroys `out` with its error: that is where the reader hears of it.
  pipeline(Readable.from(source), verify(ref, { sizeBytes: end - start + 1, sha256 }), out).catch(() => {});
  return out;
}

export const wholeOf = ({ sizeBytes }: AssetRef): ByteRange => ({ start: 0, end: sizeBytes - 1 });

function verify(ref: AssetRef, expected: { sizeBytes: number; sha256: string | null }): Transform {
  const hash = createHash('sha256');
  let seen = 0;
  let held: Buffer | null = null;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (expected.sha256 !== null) hash.update(chunk);
      seen += chunk.byteLength;
      const ready = held;
      held = chunk;
      done(null, ready);
    },
    flush(done) {
      const isRight =
        seen === expected.sizeBytes && (expected.sha256 === null || hash.digest('hex') === expected.sha256);
      if (isRight) done(null, held);
      else done(assetDamaged(ref));
    },
  });
}
