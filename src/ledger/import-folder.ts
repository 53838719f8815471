import { readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '../database/database.ts';
import { purchases } from '../database/schema.ts';
import { PermanentError } from '../domain/errors.ts';
import { Purchase } from '../domain/purchase.ts';
import { rowOf } from './sql-purchase-store.ts';

/**
 * Brings purchases that an earlier release kept as files, `ledger/<tenant>/<video>/<scene>.<purpose>.<attempt>.json`, into
 * the database; the folder is renamed when all are there. Many processes may do it at once, and one again what another
 * did not finish. Resolves to how many there were.
 * @throws PermanentError `ledger_damaged` when a record cannot be read: no guess is made about money.
 */
export async function importFolder(database: Database, folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.json'));
  for (const file of files) {
    const purchase = await readRecord(folder, file);
    if (purchase !== null)
      await database.run((query) => query.insert(purchases).values(rowOf(purchase)).onConflictDoNothing());
  }
  if (names.length > 0)
    await rename(folder, `${folder}-imported-${Date.now()}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // another process was quicker
    });
  return files.length;
}

/** Null: another process has imported it meanwhile. */
async function readRecord(folder: string, file: string): Promise<Purchase | null> {
  const text = await readFile(path.join(folder, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return Purchase.parse(JSON.parse(text));
  } catch (cause) {
    const remedy = 'restore it from a backup, or remove it if what it bought may be bought again';
    throw new PermanentError('ledger_damaged', `the ledger's record ${file} cannot be read: ${remedy}`, { cause });
  }
}
