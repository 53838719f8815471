/**
 * Writes a row after the other, and prints the number of each one that was acknowledged; `away` when the database is.
 * Arguments: data folder, a word for its rows.
 */
import { Database } from '../../src/database/database.ts';
import { assets } from '../../src/database/schema.ts';

const [dataDir, word] = process.argv.slice(2) as [string, string];
const database = new Database({ kind: 'embedded', dataDir });
try {
  for (let n = 1; ; n++) {
    const row = {
      tenant: 'local',
      sha256: `${word}-${n}`,
      mediaType: 'image/png',
      sizeBytes: n,
      origin: 'made' as const,
    };
    await database.run((query) => query.insert(assets).values(row));
    process.stdout.write(`${n}\n`);
  }
} catch {
  process.stdout.write('away\n');
  process.stdin.resume();
}
