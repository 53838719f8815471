/**
 * A process that puts an asset, for tests that kill it or look at its memory. Arguments: the store's settings, and
 * `endless` (prints how much it has handed over) or a count of megabytes (prints what it took to put and read them).
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type AssetStoreSettings, openAssetStore } from '../../src/store/open-asset-store.ts';

const [settings, size] = process.argv.slice(2) as [string, string];
const store = await openAssetStore(JSON.parse(settings) as AssetStoreSettings);

function* pieces(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(65_536, 'x');
  for (let handed = 0; handed < bytes; handed += piece.length) {
    if (bytes === Infinity) process.stdout.write(`${handed}\n`);
    yield piece;
  }
}

if (size === 'endless') {
  await store.put(Readable.from(pieces(Infinity)), 'image/png');
} else {
  await store.read(await store.put(Buffer.from('warm'), 'text/plain'));
  const before = process.resourceUsage().maxRSS;
  const ref = await store.put(Readable.from(pieces(Number(size) * 1024 * 1024)), 'video/mp4');
  const hash = createHash('sha256');
  for await (const chunk of store.open(ref)) hash.update(chunk as Buffer);
  if (hash.digest('hex') !== ref.sha256) throw new Error('other bytes came back');
  await store.withLocalFiles([ref], { work: () => Promise.resolve() });
  const grownMegabytes = Math.round((process.resourceUsage().maxRSS - before) / 1024);
  process.stdout.write(`${JSON.stringify({ sizeBytes: ref.sizeBytes, grownMegabytes })}\n`);
}
