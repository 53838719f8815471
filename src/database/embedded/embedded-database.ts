import { rmSync } from 'node:fs';
import path from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { type PidLock, tryPidLock } from '../../tools/install-lock.ts';
import { DatabaseSetupError } from '../errors.ts';
import { migrate, type Migration, type MigrationSession, readMigrations } from '../migrations.ts';
import { makeSocketFolder, socketFolder, socketIn } from '../socket-folder.ts';
import { openCluster } from './cluster.ts';
import { WireServer } from './wire-server.ts';

export interface EmbeddedDatabaseOptions {
  dataDir: string;
  cacheDir: string;
  /** Other migrations than the product's, for tests. */
  migrations?: Migration[];
}

export interface EmbeddedDatabase {
  /** Folder of its socket. */
  folder: string;
  /** Migrations that were applied at opening. */
  applied: Migration[];
  /** Rejects when the database broke under us; stays pending otherwise. */
  broken: Promise<never>;
  close(): Promise<void>;
}

/** Opens the database of a data folder, migrates it, and serves it to this user's processes. @throws DatabaseSetupError when another process has it open. */
export async function serveEmbedded(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const owned = await openOwned(options);
  try {
    const folder = socketFolder(options.dataDir);
    makeSocketFolder(folder);
    let onBroken: (error: unknown) => void = () => {};
    const broken = new Promise<never>((_resolve, reject) => (onBroken = reject));
    broken.catch(() => {});
    const server = new WireServer(owned.db, onBroken);
    // Whoever left one there is dead: we have the lock.
    rmSync(socketIn(folder), { force: true });
    await server.listen(socketIn(folder));
    return {
      folder,
      applied: owned.applied,
      broken,
      close: async () => {
        await server.close();
        await owned.close();
      },
    };
  } catch (error) {
    await owned.close();
    throw error;
  }
}

/** Opens, migrates and closes it again; resolves to what was applied. @throws DatabaseSetupError when another process has it open. */
export async function migrateEmbedded(options: EmbeddedDatabaseOptions): Promise<Migration[]> {
  const owned = await openOwned(options);
  await owned.close();
  return owned.applied;
}

async function openOwned(options: EmbeddedDatabaseOptions) {
  const { dataDir, cacheDir, migrations = readMigrations() } = options;
  const lock = claim(dataDir);
  let db: PGlite | undefined;
  try {
    db = await openCluster(path.join(dataDir, 'database'), cacheDir);
    const applied = await migrate(sessionOf(db), migrations);
    return { db, applied, close: () => closeOwned(db as PGlite, lock) };
  } catch (error) {
    await db?.close();
    lock.release();
    throw error;
  }
}

async function closeOwned(db: PGlite, lock: PidLock): Promise<void> {
  await db.close();
  lock.release();
}

/** PGlite lets a second process in without a word; of what both write, acknowledged rows are lost. */
function claim(dataDir: string): PidLock {
  const lock = tryPidLock(path.join(dataDir, 'database.lock'));
  if (!('heldBy' in lock)) return lock;
  throw new DatabaseSetupError(
    `Process ${lock.heldBy} has the database in ${dataDir} open. Stop it, or choose another folder with DATA_DIR.`,
  );
}

function sessionOf(db: PGlite): MigrationSession {
  return {
    query: (text, values) => db.query<Record<string, unknown>>(text, values),
    script: async (text) => void (await db.exec(text)),
  };
}
