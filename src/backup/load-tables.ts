import { apply, lockSchema, missingMigrations, type Migration, type MigrationSession } from '../database/migrations.ts';
import { TABLES } from '../database/tables.ts';
import { columnsOf, PLAIN_TEXTS, quoted } from './columns.ts';
import { readList } from './list-file.ts';
import type { Manifest } from './manifest.ts';
import { BackupRefused } from './refused.ts';

/** The embedded database takes 16 MB in one piece, and a character is up to six bytes of it. */
const BATCH = { rows: 1_000, characters: 1_000_000 };

/** One row, always there, of a fresh database too. */
const CURSOR = 'event_cursor';

/** @throws BackupRefused when the database has rows, MigrationError when it is of a newer release. */
export async function checkTarget(
  session: MigrationSession,
  { migrations, force }: { migrations: Migration[]; force: boolean },
): Promise<void> {
  await missingMigrations(session, migrations);
  const { rows } = await session.query(
    `select count(*)::int as others from pg_stat_activity
      where datname = current_database() and application_name = 'mcp-bridge' and pid <> pg_backend_pid()`,
  );
  if (Number(rows[0]?.['others'] ?? 0) > 0)
    throw new BackupRefused('Gateways or workers are connected to this database. Stop them all, then restore.');
  if (force) return;
  for (const { name } of TABLES) {
    if (name === CURSOR || !(await hasRows(session, name))) continue;
    throw new BackupRefused(`The database has rows already (${name}). --force replaces them all by the backup's.`);
  }
}

/**
 * The backup's rows instead of whatever was there, in one transaction: the tables are made as they were at the backup's
 * version, filled, and migrated on.
 * @throws as `checkTarget`; what PostgreSQL says of rows it does not take.
 */
export async function loadTables(
  session: MigrationSession,
  { folder, manifest, migrations, force }: LoadOptions,
): Promise<void> {
  const version = manifest.migrations.length;
  await session.query('begin');
  await lockSchema(session);
  await checkTarget(session, { migrations, force });
  await session.script(PLAIN_TEXTS);
  const names = [...TABLES.map(({ name }) => name), 'schema_migrations'];
  await session.query(`drop table if exists ${names.map(quoted).join(', ')}`);
  for (const migration of migrations.slice(0, version)) await apply(session, migration);
  for (const table of manifest.tables) await loadTable(session, folder, table);
  for (const migration of migrations.slice(version)) await apply(session, migration);
  await session.query('commit');
}

interface LoadOptions {
  folder: string;
  manifest: Manifest;
  migrations: Migration[];
  force: boolean;
}

async function loadTable(session: MigrationSession, folder: string, { name, file }: Manifest['tables'][number]) {
  const columns = await columnsOf(session, name);
  if (columns.length === 0) throw new BackupRefused(`The backup has a table ${name}, which its own version has not.`);
  // What its migrations themselves have put there is in the backup too.
  await session.query(`delete from ${quoted(name)}`);
  const into = columns.map((column) => quoted(column.name)).join(', ');
  const from = columns.map(({ type }, index) => `c${index}::${type}`).join(', ');
  const parameters = columns.map((_column, index) => `$${index + 1}::text[]`).join(', ');
  const aliases = columns.map((_column, index) => `c${index}`).join(', ');
  const insert = `insert into ${quoted(name)} (${into}) select ${from} from unnest(${parameters}) as r(${aliases})`;
  for await (const batch of batches(folder, file.path)) {
    const values = columns.map((column) => batch.map((row) => row[column.name] ?? null));
    await session.query(insert, values);
  }
}

type Row = Record<string, string | null>;

async function* batches(folder: string, file: string): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  let characters = 0;
  for await (const row of readList(folder, file) as AsyncGenerator<Row>) {
    batch.push(row);
    for (const value of Object.values(row)) characters += value?.length ?? 0;
    if (batch.length < BATCH.rows && characters < BATCH.characters) continue;
    yield batch;
    [batch, characters] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

async function hasRows(session: MigrationSession, table: string): Promise<boolean> {
  const { rows: there } = await session.query('select to_regclass($1) is not null as there', [table]);
  if (there[0]?.['there'] !== true) return false;
  const { rows } = await session.query(`select exists (select from ${quoted(table)}) as "any"`);
  return rows[0]?.['any'] === true;
}
