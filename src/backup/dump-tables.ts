import { missingMigrations, title, type Migration, type MigrationSession } from '../database/migrations.ts';
import { TABLES } from '../database/tables.ts';
import { columnsOf, PLAIN_TEXTS, quoted } from './columns.ts';
import { ListWriter } from './list-file.ts';
import type { Manifest } from './manifest.ts';
import { BackupRefused } from './refused.ts';

/** Rows of one answer: some megabytes at most (a row has at most a few payloads of 64 KiB). */
const PAGE = 500;

export interface Dump {
  createdAt: string;
  tables: Manifest['tables'];
}

/** Called with each row, and its line as it is written. */
export type OnRow = (table: string, row: Record<string, string | null>, line: string) => void;

/**
 * Every table as of one moment, a file each, values as PostgreSQL writes them. One transaction: the embedded database
 * makes others wait for it, about a second for each thousand films.
 * @throws BackupRefused when the database is not at this program's version.
 */
export async function dumpTables(
  session: MigrationSession,
  { folder, migrations, onRow }: { folder: string; migrations: Migration[]; onRow: OnRow },
): Promise<Dump> {
  await session.query('begin isolation level repeatable read read only');
  await session.script(PLAIN_TEXTS);
  const [missing] = await missingMigrations(session, migrations);
  if (missing !== undefined)
    throw new BackupRefused(
      `The database lacks migration ${title(missing)}: back it up with the release it runs on, or migrate it first.`,
    );
  const { rows } = await session.query('select clock_timestamp()::text as now');
  const tables: Manifest['tables'] = [];
  for (const { name, primaryKey } of TABLES) tables.push({ name, file: await dumpTable(name, primaryKey) });
  await session.query('commit');
  return { createdAt: isoOf(String(rows[0]?.['now'])), tables };

  async function dumpTable(name: string, primaryKey: string[]) {
    const columns = (await columnsOf(session, name)).map((column) => quoted(column.name));
    const texts = columns.map((column) => `${column}::text as ${column}`).join(', ');
    // By the table's name: `order by id` alone would be by the text.
    const order = primaryKey.map((column) => `t.${quoted(column)}`).join(', ');
    await session.query(`declare dumped no scroll cursor for select ${texts} from ${quoted(name)} t order by ${order}`);
    const writer = await ListWriter.open(folder, `tables/${name}.ndjson`);
    try {
      for (;;) {
        const page = await session.query(`fetch ${PAGE} from dumped`);
        if (page.rows.length === 0) break;
        for (const row of page.rows as Record<string, string | null>[]) onRow(name, row, await writer.write(row));
      }
      await session.query('close dumped');
      return await writer.finish();
    } catch (error) {
      await writer.close().catch(() => {});
      throw error;
    }
  }
}

/** PostgreSQL's `2026-01-02 03:04:05.678901+00`. */
export const isoOf = (text: string): string => new Date(text.replace(' ', 'T').replace(/\+00$/, 'Z')).toISOString();
