import type { MigrationSession } from '../database/migrations.ts';

export interface Column {
  name: string;
  /** As casts write it, such as `timestamp with time zone`. */
  type: string;
}

/** Of a table as it is in the database; what the database computes by itself is left out. */
export async function columnsOf(session: MigrationSession, table: string): Promise<Column[]> {
  const { rows } = await session.query(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [table],
  );
  return rows as unknown as Column[];
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Texts of values must mean the same whoever reads them back. Until the transaction ends. */
export const PLAIN_TEXTS = `set local timezone = 'UTC'; set local datestyle = 'ISO'; set local extra_float_digits = 1;
  set local bytea_output = 'hex'; set local intervalstyle = 'postgres'`;
