/** Begins a transaction on the embedded database, says so, and stands still. Argument: data folder. */
import { Database } from '../../src/database/database.ts';
import { assets } from '../../src/database/schema.ts';

const database = new Database({ kind: 'embedded', dataDir: process.argv[2] as string });
process.stdin.resume();
await database
  .transaction(async (query) => {
    await query
      .insert(assets)
      .values({ tenant: 'local', sha256: 'begun', mediaType: 'image/png', sizeBytes: 1, origin: 'made' });
    process.stdout.write('open\n');
    await new Promise(() => {});
  })
  .catch(() => {});
