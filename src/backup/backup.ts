import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '../database/database.ts';
import { type Migration, readMigrations } from '../database/migrations.ts';
import type { AssetStore } from '../store/asset-store.ts';
import { AssetNames } from './asset-names.ts';
import { copyConfig, copySecret } from './copy-files.ts';
import { type CopiedObjects, copyObjects } from './copy-objects.ts';
import { dumpTables } from './dump-tables.ts';
import { MANIFEST, type LostObject, type Manifest, writeManifest } from './manifest.ts';
import { BackupRefused } from './refused.ts';

const DAY_MS = 24 * 60 * 60_000;

export interface BackupSources {
  database: Database;
  assets: AssetStore;
  configDir: string;
  dataDir: string;
  /** Days after which `prune` may have removed what rows name; 0: never. */
  retentionDays: number;
}

export interface BackupOptions {
  /** The backup's folder. */
  out: string;
  /** Go on with a backup that lies there, complete or not: objects that are there are only checked. */
  update?: boolean;
  /** Of this program. */
  version: string;
  migrations?: Migration[];
}

/**
 * A backup of a product that may be running: rows as of one moment, then the objects. Objects are stored before a row
 * names them, so none is missing but what was pruned meanwhile. Resolves to what is in it.
 * @throws BackupRefused for a folder that is not empty, DatabaseUnavailable, StoreUnavailableError.
 */
export async function backup(sources: BackupSources, options: BackupOptions): Promise<Manifest> {
  const { out: folder, version, migrations = readMigrations() } = options;
  await makeFolder(folder, options);
  const names = new AssetNames();
  const dump = await sources.database.session((session) =>
    dumpTables(session, { folder, migrations, onRow: (...row) => names.noteRow(...row) }),
  );
  const objects = await copyObjects(sources.assets, folder);
  const manifest: Manifest = {
    ...{ format: 1, program: version, ...dump },
    migrations: migrations.map(({ version, name, checksum }) => ({ version, name, checksum })),
    objects: { list: objects.list, sizeBytes: objects.sizeBytes },
    config: await copyConfig(sources.configDir, folder),
    secret: await copySecret(sources.dataDir, folder),
    lost: lostObjects(names, objects, sources.retentionDays),
  };
  await writeManifest(folder, manifest);
  return manifest;
}

async function makeFolder(folder: string, { update = false }: BackupOptions): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const there = await readdir(folder);
  if (there.length === 0) return;
  if (!update)
    throw new BackupRefused(`${folder} is not empty. Name a new folder, or use --update to bring a backup up to date.`);
  if (!existsSync(path.join(folder, MANIFEST)) && !existsSync(path.join(folder, 'tables')))
    throw new BackupRefused(`${folder} holds something else than a backup.`);
  // From here until its end it is incomplete, and says so.
  await rm(path.join(folder, MANIFEST), { force: true });
}

function lostObjects(names: AssetNames, { copied, damaged }: CopiedObjects, retentionDays: number): LostObject[] {
  const prunedBefore = retentionDays === 0 ? 0 : Date.now() - Math.max(retentionDays, 1) * DAY_MS;
  const lost: LostObject[] = [];
  for (const [sha256, newestMs] of names) {
    if (copied.has(sha256)) continue;
    const isDamaged = damaged.has(sha256);
    lost.push({
      sha256,
      why: isDamaged ? 'damaged' : 'missing',
      pruned: !isDamaged && newestMs < prunedBefore,
    });
  }
  return lost;
}
