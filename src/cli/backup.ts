import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { backup as makeBackup } from '../backup/backup.ts';
import type { Manifest } from '../backup/manifest.ts';
import { BackupRefused } from '../backup/refused.ts';
import type { Config } from '../config.ts';
import { Database, databaseTarget } from '../database/database.ts';
import { serveEmbedded } from '../database/embedded/embedded-database.ts';
import { DatabaseUnavailable } from '../database/errors.ts';
import { openAssetStore } from '../store/open-asset-store.ts';
import { LOSSES } from './exit-codes.ts';
import { type Outcome, tellOutcome } from './outcome.ts';

export interface BackupCommand {
  out: string;
  update?: boolean;
  json?: boolean;
}

/** Rows, objects, configuration and key into a folder, while the product runs or not. Resolves to the exit code. */
export function backup(config: Config, command: BackupCommand): Promise<number> {
  return tellOutcome(async () => {
    const folder = path.resolve(command.out);
    const manifest = await whileServed(config, async (database) =>
      makeBackup(
        {
          ...{ database, configDir: config.configDir, dataDir: config.dataDir, retentionDays: config.retentionDays },
          assets: await openAssetStore(config),
        },
        { out: folder, version: programVersion(config), ...(command.update === true ? { update: true } : {}) },
      ),
    );
    return outcomeOf(folder, manifest, warnings(config));
  }, command);
}

/** The embedded database's own program, where it runs; else this process serves it meanwhile. */
async function whileServed<T>(config: Config, work: (database: Database) => Promise<T>): Promise<T> {
  const database = new Database(databaseTarget(config));
  try {
    if (database.target.kind === 'postgres' || (await isServed(database))) return await work(database);
    // A wrong DATA_DIR must not become a good backup of nothing.
    if (!existsSync(path.join(config.dataDir, 'database')))
      throw new BackupRefused(`There is no database in ${config.dataDir}. Set DATA_DIR or DATABASE_URL.`);
    const embedded = await serveEmbedded(config);
    try {
      return await work(database);
    } finally {
      await embedded.close();
    }
  } finally {
    await database.close();
  }
}

async function isServed(database: Database): Promise<boolean> {
  try {
    await database.session((session) => session.query('select 1'));
    return true;
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return false;
    throw error;
  }
}

export function programVersion({ projectDir }: Config): string {
  return (JSON.parse(readFileSync(path.join(projectDir, 'package.json'), 'utf8')) as { version: string }).version;
}

function warnings(config: Config): string[] {
  const told: string[] = [];
  if (config.secret !== null) told.push('MCP_BRIDGE_SECRET is not in the backup: keep it with your other secrets.');
  if (existsSync(path.join(config.dataDir, 'ledger')))
    told.push(
      'Purchases of an earlier release (ledger/ in DATA_DIR) are not in the backup: a worker brings them in first.',
    );
  return told;
}

function outcomeOf(folder: string, manifest: Manifest, told: string[]): Outcome {
  const { tables, objects, lost } = manifest;
  const losses = lost.filter(({ pruned }) => !pruned);
  const pruned = lost.length - losses.length;
  const rows = tables.reduce((sum, { file }) => sum + file.rows, 0);
  return {
    code: losses.length === 0 ? 0 : LOSSES,
    json: {
      ...{ folder, created_at: manifest.createdAt, version: manifest.migrations.length },
      tables: Object.fromEntries(tables.map(({ name, file }) => [name, file.rows])),
      objects: { count: objects.list.rows, size_bytes: objects.sizeBytes },
      ...{ config: manifest.config.length, secret: manifest.secret !== null },
      ...{ lost: losses.map(({ sha256, why }) => ({ sha256, why })), pruned, warnings: told },
    },
    lines: [
      `Backed up ${rows} rows, ${objects.list.rows} objects (${(objects.sizeBytes / 1024 ** 2).toFixed(1)} MB) and ` +
        `${manifest.config.length} config files to ${folder}.`,
      ...(manifest.secret === null
        ? []
        : ['It holds the key of idempotency ids and what people wrote: keep it private.']),
      ...(pruned === 0 ? [] : [`${pruned} objects that old rows name were pruned.`]),
      ...losses.map(({ sha256, why }) => `LOST: rows name object ${sha256}, which is ${why} in the asset store.`),
      ...told,
    ],
  };
}
