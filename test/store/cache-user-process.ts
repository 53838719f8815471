/**
 * A process that uses a cache which others use and evict from. Arguments: its folder, and the cache's limit in bytes, or
 * `hold` (takes one file and keeps it), or `once`.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { AssetCache } from '../../src/store/asset-cache.ts';

const [dir, limit] = process.argv.slice(2) as [string, string];
const cache = new AssetCache({ dir, maxBytes: Number(limit) || 1e6 });
const assets = Array.from({ length: 9 }, (_, n) => {
  const bytes = Buffer.alloc(1_000, `asset ${n} `);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, ref: { uri: `asset:${sha256}`, mediaType: 'text/plain', sizeBytes: 1_000, sha256 } };
});
const open = (wanted: { sha256: string }) =>
  Readable.from([assets.find(({ ref }) => ref.sha256 === wanted.sha256)!.bytes]);

if (limit === 'hold' || limit === 'once') {
  await cache.withFiles([assets[1]!.ref], {
    open,
    work: async () => {
      process.stdout.write('has it\n');
      if (limit === 'hold') await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
  });
} else {
  for (let round = 0; round < 60; round++) {
    const some = assets.filter((_, n) => (n + round) % 3 !== 0);
    await cache.withFiles(
      some.map(({ ref }) => ref),
      {
        open,
        work: async (pathOf) => {
          for (const { ref, bytes } of some)
            if (!(await readFile(pathOf(ref))).equals(bytes)) throw new Error('other bytes');
        },
      },
    );
  }
  process.stdout.write('all were right\n');
}
