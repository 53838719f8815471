import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { Database, type DatabaseTarget } from '../../src/database/database.ts';
import { DatabaseProcess } from './database-process.ts';
import { patiently } from './patiently.ts';
import { startPostgres } from './postgres-server.ts';

/** A real database of the product, on which a suite runs. One a file: starting it is what takes time. */
export interface TestDatabase {
  target: DatabaseTarget;
  /** What a process of the product needs in its environment to use it. */
  environment: Record<string, string>;
  /** For the test's own looks. */
  database: Database;
  /** No row left of the tests before. */
  empty(): Promise<void>;
  /** It is there, and answers nobody. */
  freeze(): void;
  thaw(): void;
  /** kill -9, or what comes nearest; resolves when nobody serves any more. */
  crash(): Promise<void>;
  /** Serves again after a crash. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Both kinds of database, for suites that hold for each. One that cannot start fails its tests. */
export const DATABASES: { name: string; start: () => Promise<TestDatabase> }[] = [
  { name: 'the embedded database', start: startEmbedded },
  { name: 'PostgreSQL', start: startOnPostgres },
];

export async function startEmbedded(): Promise<TestDatabase> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-database-'));
  let program = new DatabaseProcess(dataDir);
  try {
    await program.listening();
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
  const target = { kind: 'embedded', dataDir } as const;
  const database = await migrated(target);
  return {
    ...{ target, database, empty: () => patiently(() => emptied(database)) },
    environment: { DATABASE_URL: '', DATA_DIR: dataDir },
    freeze: () => program.pause(),
    thaw: () => program.resume(),
    crash: async () => void (await program.end('SIGKILL')),
    restart: async () => {
      program = new DatabaseProcess(dataDir);
      await program.listening();
    },
    stop: async () => {
      program.resume();
      await database.close();
      await program.end('SIGTERM');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function startOnPostgres(): Promise<TestDatabase> {
  const server = await startPostgres();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-database-'));
  const url = await server.createDatabase();
  const target = { kind: 'postgres', url } as const;
  const database = await migrated(target);
  const own = () => {
    if (server.own === null) throw new Error('this test breaks its server: run it without TEST_DATABASE_URL');
    return server.own;
  };
  return {
    ...{ target, database, empty: () => patiently(() => emptied(database)) },
    environment: { DATABASE_URL: url, DATA_DIR: dataDir },
    freeze: () => own().freeze(),
    thaw: () => own().thaw(),
    crash: () => own().crash(),
    restart: () => own().start(),
    stop: async () => {
      await database.close();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What a first question waits for is behind it, however busy the machine is. */
async function migrated(target: DatabaseTarget): Promise<Database> {
  const database = new Database(target);
  await patiently(() => database.run((query) => query.execute(sql`select 1`)));
  return database;
}

async function emptied(database: Database): Promise<void> {
  await database.transaction(async (query) => {
    await query.execute(
      sql`truncate videos, scenes, events, assets, stills, checkpoints, purchases, idempotency_keys, circuit_breakers`,
    );
    await query.execute(sql`update event_cursor set value = 0`);
  });
}
