/** A process that rewrites one purchase without end, for a test that kills it. Prints how often it has written. */
import { FolderPurchaseStore } from '../../src/ledger/folder-purchase-store.ts';
import { purchaseOf } from './shop.ts';

const store = new FolderPurchaseStore(process.argv[2]!);
for (let n = 1; ; n++) {
  // Large, so that a kill is likely to hit the middle of a write.
  await store.write(purchaseOf({ state: 'answered', answer: { n, filling: 'x'.repeat(300_000) } }));
  process.stdout.write(`${n}\n`);
}
