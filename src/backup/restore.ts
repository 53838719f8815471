import type { Database } from '../database/database.ts';
import type { Migration } from '../database/migrations.ts';
import type { AssetStore } from '../store/asset-store.ts';
import { restoreConfig, restoreSecret } from './copy-files.ts';
import { restoreObjects } from './copy-objects.ts';
import { checkTarget, loadTables } from './load-tables.ts';
import type { Manifest } from './manifest.ts';

export interface RestoreTarget {
  database: Database;
  assets: AssetStore;
  dataDir: string;
  /** Null: the configuration stays as it is. */
  configDir: string | null;
}

/**
 * Brings a checked backup back. Nothing of the product may run. Objects come first and rows last, all at once: after an
 * interruption the database is as it was, and the same can be done again.
 * @throws BackupRefused when the database has rows and `force` is not set, or somebody uses it.
 */
export async function restore(
  target: RestoreTarget,
  { from: folder, manifest, migrations, force }: RestoreOptions,
): Promise<void> {
  await target.database.session((session) => checkTarget(session, { migrations, force }));
  await restoreObjects(target.assets, folder, manifest.objects.list);
  if (manifest.secret !== null) await restoreSecret(target.dataDir, folder, manifest.secret);
  if (target.configDir !== null) await restoreConfig(target.configDir, folder, manifest.config);
  await target.database.session((session) => loadTables(session, { folder, manifest, migrations, force }));
}

export interface RestoreOptions {
  from: string;
  /** From `checkBackup`. */
  manifest: Manifest;
  migrations: Migration[];
  /** Rows that are there are replaced. */
  force: boolean;
}
