/** A process that puts an asset whose content never ends, for a test that kills it. Prints how much it has handed over. */
import { Readable } from 'node:stream';
import { FolderAssetStore } from '../../src/store/folder-asset-store.ts';

function* endless(): Generator<Buffer> {
  const piece = Buffer.alloc(65_536, 'x');
  for (let handed = 0; ; handed += piece.length) {
    process.stdout.write(`${handed}\n`);
    yield piece;
  }
}

await new FolderAssetStore(process.argv[2]!).put(Readable.from(endless()), 'image/png');
