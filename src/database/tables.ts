import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import * as schema from './schema.ts';

/** Every table of ours but `schema_migrations`. */
export const TABLES: { name: string; primaryKey: string[] }[] = Object.values(schema)
  .filter((value) => is(value, PgTable))
  .map((table) => {
    const { name, columns, primaryKeys } = getTableConfig(table);
    const single = columns.filter(({ primary }) => primary);
    return { name, primaryKey: (primaryKeys[0]?.columns ?? single).map((column) => column.name) };
  });
