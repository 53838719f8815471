/**
 * A process that buys one picture, for a test that kills it. Arguments: the database's target as JSON, the shop's URL.
 * Prints the answer when it has heard it, and then stays.
 */
import { Database, type DatabaseTarget } from '../../src/database/database.ts';
import { PurchaseDesk } from '../../src/ledger/purchase-desk.ts';
import { SqlPurchaseStore } from '../../src/ledger/sql-purchase-store.ts';
import { orderFrom } from './shop.ts';

const [target, url] = process.argv.slice(2) as [string, string];
const database = new Database(JSON.parse(target) as DatabaseTarget);
const { answer } = await new PurchaseDesk(new SqlPurchaseStore({ database, note: () => {} })).buy(orderFrom(url));
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.stdin.resume();
