/**
 * A process that buys one picture, for a test that kills it. Arguments: ledger folder, the shop's URL.
 * Prints the answer when it has heard it, and then stays.
 */
import { FolderPurchaseStore } from '../../src/ledger/folder-purchase-store.ts';
import { PurchaseDesk } from '../../src/ledger/purchase-desk.ts';
import { orderFrom } from './shop.ts';

const [dir, url] = process.argv.slice(2) as [string, string];
const { answer } = await new PurchaseDesk(new FolderPurchaseStore(dir)).buy(orderFrom(url));
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.stdin.resume();
