import { DrizzleQueryError } from 'drizzle-orm/errors';
import pg from 'pg';

/**
 * The database is away: refused, hung, restarting, out of connections. Nothing is known to be wrong with what was asked;
 * the same may work later. Its message names neither address nor user.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  /** The driver's or PostgreSQL's own code, such as `ECONNREFUSED` or `57014`; null where there is none. */
  readonly code: string | null;

  constructor(why: string, code: string | null = null) {
    super(`the database is not available: ${why}`);
    this.code = code;
  }
}

/** The database and this program do not fit together: a migration was changed, is missing, or cannot be applied. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** A folder, lock or URL that the database cannot be opened with; the message says all that a person needs. */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
}

/** By SQLSTATE, or the class that is its first two characters. */
const AWAY_BY_STATE: Record<string, string> = {
  '08': 'the connection broke',
  '28': 'it refuses our user or password',
  '3D': 'there is no database of that name',
  '40': 'it broke off what others were in the way of',
  '53': 'it has no room left (connections, memory or disk)',
  '57': 'it is shutting down, starting, or took too long',
  '58': 'its own files failed it',
  '55P03': 'a lock was not to be had in time',
  '25006': 'it only takes reads at the moment',
  '25P03': 'it took too long',
  XX000: 'it had an internal fault',
};

/** Our own tables are missing: somebody restores a backup (`pg_restore --clean`), or has begun anew. */
const GONE_BY_STATE: Record<string, string> = {
  '3F000': 'its schema is missing',
  '42P01': 'a table is missing',
};

/** What the driver threw, sorted. SQL that PostgreSQL itself refuses stays PostgreSQL's error; all below SQL is the database being away. */
export function driverFault(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) {
    const state = error.code ?? '';
    const why = AWAY_BY_STATE[state] ?? AWAY_BY_STATE[state.slice(0, 2)] ?? GONE_BY_STATE[state];
    return why === undefined ? error : new DatabaseUnavailable(why, state);
  }
  // Our own mistake, such as a value that has no JSON.
  if (error instanceof TypeError || error instanceof RangeError) return error;
  // The driver's own words may hold the address: only its code goes on.
  const { code = null } = error as { code?: string };
  return new DatabaseUnavailable(code === null ? 'no answer in time' : 'it cannot be reached', code);
}

/** What `driverFault` made of a query whose tables are gone: whether the schema is ours has to be checked again. */
export const isSchemaGone = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable && error.code !== null && error.code in GONE_BY_STATE;

/** PostgreSQL refuses the values themselves (classes 22 and 23): the same will never be written. */
export const isDataError = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');

/** The query builder puts the query's text and values into errors of its own, where they would reach logs: only the cause goes on. */
export function withoutQuery(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error;
}
