import type { Config } from '../config.ts';
import { Database, databaseTarget } from '../database/database.ts';
import { migrateEmbedded } from '../database/embedded/embedded-database.ts';
import { DatabaseUnavailable, MigrationError } from '../database/errors.ts';
import { type Migration, readMigrations, title } from '../database/migrations.ts';

const UNREACHABLE = 1;
const REFUSED = 2;

/** Applies what the database lacks, and says so. Where the embedded one is being served, that process has done it. */
export async function migrate(config: Config): Promise<number> {
  try {
    const applied = (await migrateServed(config)) ?? (await migrateEmbedded(config));
    process.stdout.write(`${account(applied)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable) && !(error instanceof MigrationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error instanceof MigrationError ? REFUSED : UNREACHABLE;
  }
}

/** Null: nobody serves the embedded database, so that it is ours to open. */
async function migrateServed(config: Config): Promise<Migration[] | null> {
  const database = new Database(databaseTarget(config));
  try {
    return await database.migrate();
  } catch (error) {
    if (database.target.kind === 'embedded' && error instanceof DatabaseUnavailable) return null;
    throw error;
  } finally {
    await database.close();
  }
}

function account(applied: Migration[]): string {
  const version = `The database is at version ${readMigrations().length}.`;
  if (applied.length === 0) return `Nothing to do. ${version}`;
  return `Applied ${applied.map(title).join(', ')}. ${version}`;
}
