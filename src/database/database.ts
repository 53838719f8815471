import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import {
  DatabaseSetupError,
  DatabaseUnavailable,
  driverFault,
  isSchemaGone,
  MigrationError,
  withoutQuery,
} from './errors.ts';
import { migrate, type Migration, type MigrationSession, missingMigrations, readMigrations } from './migrations.ts';
import * as schema from './schema.ts';
import { checkSocketFolder, socketFolder } from './socket-folder.ts';

/** A statement that takes longer is ended by the server. */
const STATEMENT_MS = 2_000;
/** A server that does not even end statements is not waited for: a little longer than it has itself. */
const ANSWER_MS = 2_500;
/** For a free connection of the pool, or a new one. */
const ACQUIRE_MS = 1_000;
/** For the one of a command: who runs a backup would rather wait for a busy server than begin again. */
const PATIENT_ACQUIRE_MS = 15_000;
/** A process that stands still inside of a transaction must not hold its locks. */
const IDLE_IN_TRANSACTION_MS = 5_000;
/** What one process may hold open; many processes share one server. */
const CONNECTIONS = 8;
/** Migrations rewrite tables, and wait for each other; backups read whole ones. */
const LONG_STATEMENT_MS = 600_000;
/** Files are written between the statements of a long transaction, on a disk that may be slow. */
const LONG_IDLE_MS = 60_000;
/** The socket's folder is what keeps others out. */
const EMBEDDED_LOGIN = { user: 'postgres', database: 'postgres', password: '' };
/** How long a query waits for migrations that another call has begun; they go on by themselves. */
const READY_MS = 5_000;

/** Where the data is: a PostgreSQL server, or the embedded database of a data folder, served by its own process. */
export type DatabaseTarget = { kind: 'postgres'; url: string } | { kind: 'embedded'; dataDir: string };

export function databaseTarget(config: { databaseUrl: string | null; dataDir: string }): DatabaseTarget {
  const { databaseUrl, dataDir } = config;
  return databaseUrl === null ? { kind: 'embedded', dataDir } : { kind: 'postgres', url: databaseUrl };
}

/** Queries, typed by the schema. Transactions are `Database.transaction`, which knows about lost connections. */
export type Sql = Omit<NodePgDatabase<typeof schema>, 'transaction' | '$client'>;

/**
 * The one way to the database. Making one connects to nothing; the first query migrates or checks the schema, and so does
 * each next one until that has worked, so that a process starts while the database is away.
 */
export class Database {
  readonly target: DatabaseTarget;
  readonly #connection: pg.ClientConfig;
  readonly #pool: pg.Pool;
  readonly #sql: Sql;
  readonly #migrations: Migration[];
  #isReady = false;
  #preparing: Promise<void> | null = null;

  /** @throws DatabaseSetupError when DATABASE_URL cannot be read. */
  constructor(target: DatabaseTarget, options: { connections?: number; migrations?: Migration[] } = {}) {
    this.target = target;
    this.#connection = connectionTo(target);
    this.#migrations = options.migrations ?? readMigrations();
    this.#pool = new pg.Pool({
      ...this.#connection,
      max: options.connections ?? CONNECTIONS,
      connectionTimeoutMillis: ACQUIRE_MS,
      statement_timeout: STATEMENT_MS,
      query_timeout: ANSWER_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      allowExitOnIdle: true,
    });
    // A connection that breaks while nobody uses it: the pool has already let it go.
    this.#pool.on('error', () => {});
    this.#sql = sqlOver(this.#pool);
  }

  /**
   * Resolves when the schema is ours: on PostgreSQL missing migrations are applied, the embedded database's own process
   * has done that. @throws DatabaseUnavailable, MigrationError, DatabaseSetupError.
   */
  async ready(): Promise<void> {
    if (this.#isReady) return;
    this.#preparing ??= this.#prepare().finally(() => (this.#preparing = null));
    await inTime(this.#preparing);
    this.#isReady = true;
  }

  /** One or more statements, each a transaction of its own. @throws DatabaseUnavailable, or PostgreSQL's own error. */
  async run<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    await this.ready();
    try {
      return await work(this.#sql);
    } catch (error) {
      throw this.#faultOf(error);
    }
  }

  /** All or nothing. Keep it short: the embedded database has one transaction at a time. @throws as `run`. */
  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    await this.ready();
    const client = await this.#pool.connect().catch(rethrowFault);
    let broken = false;
    const onError = () => (broken = true);
    client.on('error', onError);
    try {
      await query(client, 'begin');
      const result = await work(sqlOver(client));
      await query(client, 'commit');
      return result;
    } catch (error) {
      const fault = this.#faultOf(error);
      // A connection that did not answer once may answer late, to the wrong question: it is not used again.
      if (fault instanceof DatabaseUnavailable) broken = true;
      else await query(client, 'rollback').catch(() => (broken = true));
      throw fault;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** Applies what is missing, or checks that nothing is; resolves to what was applied now. @throws as `ready`. */
  async migrate(): Promise<Migration[]> {
    this.#checkServed();
    const missing = await missingMigrations(sessionOver(this.#pool), this.#migrations);
    if (missing.length === 0) return [];
    if (this.target.kind === 'postgres')
      return this.session((session) => migrate(session, this.#migrations), { acquireMs: ACQUIRE_MS });
    throw new MigrationError(
      `The database lacks migration ${missing[0]?.version}: its process is of an older release. Start it again.`,
    );
  }

  /**
   * A connection of its own for work on whole tables, without the limits that keep a request short. It migrates nothing;
   * what is not committed when `work` ends is rolled back. @throws DatabaseUnavailable, or PostgreSQL's own error.
   */
  async session<T>(
    work: (session: MigrationSession) => Promise<T>,
    { acquireMs = PATIENT_ACQUIRE_MS } = {},
  ): Promise<T> {
    this.#checkServed();
    const client = new pg.Client({
      ...this.#connection,
      connectionTimeoutMillis: acquireMs,
      statement_timeout: LONG_STATEMENT_MS,
      query_timeout: LONG_STATEMENT_MS + ANSWER_MS,
      idle_in_transaction_session_timeout: LONG_IDLE_MS,
    });
    client.on('error', () => {}); // the query under way hears of it too
    await client.connect().catch(rethrowFault);
    try {
      return await work(sessionOver(client));
    } finally {
      await client.end().catch(() => {});
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Where tables are gone, the next query checks the migrations again. */
  #faultOf(error: unknown): unknown {
    const fault = withoutQuery(error);
    if (isSchemaGone(fault)) this.#isReady = false;
    return fault;
  }

  #checkServed(): void {
    if (this.target.kind === 'embedded' && !checkSocketFolder(socketFolder(this.target.dataDir)))
      throw new DatabaseUnavailable('nobody serves it');
  }

  async #prepare(): Promise<void> {
    await this.migrate();
  }
}

interface Queryable {
  query(config: pg.QueryConfig | string, values?: unknown[]): Promise<pg.QueryResult>;
}

const query = (client: Queryable, ...asked: Parameters<Queryable['query']>): Promise<pg.QueryResult> =>
  client.query(...asked).catch(rethrowFault);

/** What reaches the query builder has been sorted: an error of the work itself is never taken for one of the database. */
function sqlOver(client: Queryable): Sql {
  const sorted: Queryable = { query: (...asked) => query(client, ...asked) };
  return drizzle(sorted as pg.Client, { schema });
}

function sessionOver(client: Queryable): MigrationSession {
  return {
    query: (text, values) => query(client, text, values),
    // A migration that names a table nobody has is wrong, not early.
    script: async (text) => {
      await client.query(text).catch((error: unknown) => {
        const fault = driverFault(error);
        throw isSchemaGone(fault) ? error : fault;
      });
    },
  };
}

function rethrowFault(error: unknown): never {
  throw driverFault(error);
}

function connectionTo(target: DatabaseTarget): pg.ClientConfig {
  const about = { application_name: 'mcp-bridge', keepAlive: true };
  if (target.kind === 'embedded')
    // Explicit, so that PGSSLMODE and the like, meant for another server, change nothing.
    return { ...about, host: socketFolder(target.dataDir), port: 5432, ...EMBEDDED_LOGIN, ssl: false };
  try {
    // Reads the URL at once. Its own error would repeat it, password and all.
    void new pg.Client({ connectionString: target.url });
  } catch {
    throw new DatabaseSetupError(
      'DATABASE_URL cannot be read. It is postgresql://user:password@host:5432/database, with what is special in user ' +
        'and password percent-encoded.',
    );
  }
  return { ...about, connectionString: target.url };
}

async function inTime(preparing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DatabaseUnavailable('its migrations are under way')), READY_MS);
  });
  preparing.catch(() => {}); // it may fail after everybody has stopped waiting
  try {
    await Promise.race([preparing, late]);
  } finally {
    clearTimeout(timer);
  }
}
