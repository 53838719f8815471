import path from 'node:path';
import { checkBackup } from '../backup/check.ts';
import { changedConfig } from '../backup/copy-files.ts';
import type { Manifest } from '../backup/manifest.ts';
import { BackupRefused } from '../backup/refused.ts';
import { restore as restoreBackup } from '../backup/restore.ts';
import type { Config } from '../config.ts';
import { Database, databaseTarget } from '../database/database.ts';
import { serveEmbedded } from '../database/embedded/embedded-database.ts';
import { readMigrations } from '../database/migrations.ts';
import { openAssetStore } from '../store/open-asset-store.ts';
import { tryPidLock } from '../tools/install-lock.ts';
import { type OpenRunsWish, settleOpenRuns } from './open-runs.ts';
import { type Outcome, tellOutcome } from './outcome.ts';

export interface RestoreCommand {
  from: string;
  force?: boolean;
  config?: boolean;
  openRuns?: OpenRunsWish;
  json?: boolean;
}

/** Brings a backup back, with nothing of the product running. Resolves to the exit code. */
export function restore(config: Config, command: RestoreCommand): Promise<number> {
  return tellOutcome(async () => {
    const from = path.resolve(command.from);
    const migrations = readMigrations();
    const manifest = await checkBackup(from, migrations);
    const warnings = await whileAlone(config, async (database) => {
      const told = await settleOpenRuns(config, command.openRuns ?? 'refuse');
      await restoreBackup(
        {
          ...{ database, dataDir: config.dataDir, configDir: command.config === true ? config.configDir : null },
          assets: await openAssetStore(config),
        },
        { from, manifest, migrations, force: command.force === true },
      );
      return told;
    });
    const changed = await changedConfig(config.configDir, from, manifest.config);
    return outcomeOf(manifest, warnings, changed);
  }, command);
}

/** No stack on the data folder, and of the embedded database nobody but us. */
async function whileAlone<T>(config: Config, work: (database: Database) => Promise<T>): Promise<T> {
  const stack = tryPidLock(path.join(config.dataDir, 'stack.lock'));
  if ('heldBy' in stack)
    throw new BackupRefused(`A stack (process ${stack.heldBy}) runs on ${config.dataDir}. Stop it, then restore.`);
  try {
    const embedded = config.databaseUrl === null ? await serveEmbedded(config) : null;
    const database = new Database(databaseTarget(config));
    try {
      return await work(database);
    } finally {
      await database.close();
      await embedded?.close();
    }
  } finally {
    stack.release();
  }
}

function outcomeOf(manifest: Manifest, warnings: string[], changed: string[]): Outcome {
  const { tables, objects, createdAt, lost } = manifest;
  const rows = tables.reduce((sum, { file }) => sum + file.rows, 0);
  return {
    code: 0,
    json: {
      created_at: createdAt,
      tables: Object.fromEntries(tables.map(({ name, file }) => [name, file.rows])),
      objects: { count: objects.list.rows, size_bytes: objects.sizeBytes },
      ...{ lost: lost.length, config_differs: changed, warnings },
    },
    lines: [
      `Restored ${rows} rows and ${objects.list.rows} objects as of ${createdAt}.`,
      ...(lost.length === 0 ? [] : [`${lost.length} objects that rows name were not in the backup.`]),
      ...(changed.length === 0
        ? []
        : [`The configuration is not as it was backed up (${changed.join(', ')}); --config brings it back too.`]),
      ...warnings,
      'Start the product now. Gateways bring later runs in from Temporal within seconds; their objects are not in this backup.',
    ],
  };
}
