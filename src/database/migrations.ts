import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MigrationError } from './errors.ts';

/** Plain SQL, `NNNN_name.sql`; the build takes it along. */
export const MIGRATIONS_DIR = fileURLToPath(new URL('migrations', import.meta.url));

/** Every process that migrates one database takes this lock, so that each migration is applied once. */
const ADVISORY_LOCK = 7_316_042_281;

export interface Migration {
  version: number;
  name: string;
  sql: string;
  /** sha256 of the text, in hexadecimal. */
  checksum: string;
}

type Applied = Omit<Migration, 'sql'>;

/** What migrations are read and applied through: a connection of their own. */
export interface MigrationSession {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  /** Many statements in one text, without values. */
  script(text: string): Promise<void>;
}

/** First to last. @throws MigrationError when the folder's files are not a sequence without gaps. */
export function readMigrations(dir = MIGRATIONS_DIR): Migration[] {
  const names = readdirSync(dir).filter((file) => file.endsWith('.sql'));
  const migrations = names.map((file): Migration => {
    const [, version, name] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? [];
    if (version === undefined || name === undefined)
      throw new MigrationError(`${file}: a migration is called NNNN_name.sql`);
    // A checkout that writes other line ends has changed nothing.
    const sql = readFileSync(path.join(dir, file), 'utf8').replaceAll('\r\n', '\n');
    return { version: Number(version), name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
  migrations.sort((a, b) => a.version - b.version);
  const wrong = migrations.find(({ version }, index) => version !== index + 1);
  if (wrong !== undefined)
    throw new MigrationError(`migration ${title(wrong)} does not follow the one before it by one`);
  return migrations;
}

/** Migrations the database lacks. @throws MigrationError when it was changed behind our back or is newer than we are. */
export async function missingMigrations(session: MigrationSession, known: Migration[]): Promise<Migration[]> {
  const { rows: tables } = await session.query(`select to_regclass('schema_migrations') is not null as there`);
  const applied = tables[0]?.['there'] === true ? await readApplied(session) : [];
  for (const there of applied) {
    const ours = known[there.version - 1];
    if (ours === undefined) {
      const newest = known.length;
      throw new MigrationError(
        `The database is at version ${applied.at(-1)?.version}, this program only knows versions up to ${newest}: ` +
          'it was migrated by a newer release. Run that release, or a newer one.',
      );
    }
    if (ours.checksum !== there.checksum || ours.name !== there.name) {
      throw new MigrationError(
        `Migration ${title(there)} is not the one that was applied to the database (its checksum differs). ` +
          'Put the file back as it was; a change belongs into a new migration.',
      );
    }
  }
  return known.slice(applied.length);
}

/**
 * Brings the database to our version; resolves to what was applied now. Each migration commits by itself, under a lock:
 * of many processes that start at once, one applies it and the others see it.
 * @throws MigrationError as above, or when a migration's SQL is refused.
 */
export async function migrate(session: MigrationSession, known: Migration[]): Promise<Migration[]> {
  const done: Migration[] = [];
  for (;;) {
    await session.query('begin');
    try {
      await lockSchema(session);
      const [next] = await missingMigrations(session, known);
      if (next !== undefined) await apply(session, next);
      await session.query('commit');
      if (next === undefined) return done;
      done.push(next);
    } catch (error) {
      await session.query('rollback').catch(() => {}); // the connection may be what failed
      throw error;
    }
  }
}

/** Until the transaction ends, nobody else migrates or restores. */
export async function lockSchema(session: MigrationSession): Promise<void> {
  await session.query(`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
}

/** Within the caller's transaction. @throws MigrationError when its SQL is refused. */
export async function apply(session: MigrationSession, migration: Migration): Promise<void> {
  await session.query(`create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
  )`);
  try {
    await session.script(migration.sql);
  } catch (error) {
    if (!isSqlError(error)) throw error;
    throw new MigrationError(`Migration ${title(migration)} cannot be applied: ${error.message}`, { cause: error });
  }
  await session.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.checksum,
  ]);
}

async function readApplied(session: MigrationSession): Promise<Applied[]> {
  const { rows } = await session.query('select version, name, checksum from schema_migrations order by version');
  return rows as unknown as Applied[];
}

/** PostgreSQL's own errors, embedded or not, have a severity; a broken connection has none. */
function isSqlError(error: unknown): error is Error {
  return error instanceof Error && 'severity' in error;
}

export const title = ({ version, name }: Pick<Migration, 'version' | 'name'>): string =>
  `${String(version).padStart(4, '0')}_${name}`;
