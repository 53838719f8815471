import path from 'node:path';
import { title, type Migration } from '../database/migrations.ts';
import { AssetRef } from '../domain/asset.ts';
import { holds, objectPath } from './copy-objects.ts';
import { inParallel } from './in-parallel.ts';
import { readList } from './list-file.ts';
import { type BackedUpFile, type Manifest, readManifest } from './manifest.ts';
import { BackupRefused } from './refused.ts';

/** Files are read at once. */
const AT_ONCE = 4;

/**
 * Reads all of a backup, byte by byte, and touches nothing. Resolves to its manifest.
 * @throws BackupRefused when it is incomplete, damaged in any place, or of a newer release.
 */
export async function checkBackup(folder: string, migrations: Migration[]): Promise<Manifest> {
  const manifest = await readManifest(folder);
  checkVersion(manifest, migrations);
  const { tables, objects, config, secret } = manifest;
  const files = [...tables.map(({ file }) => file), objects.list, ...config, ...(secret === null ? [] : [secret])];
  await inParallel(files, { atOnce: AT_ONCE, work: (file) => checkFile(folder, file) });
  await inParallel(readList(folder, objects.list.path), {
    atOnce: AT_ONCE,
    work: (row) => {
      const { sha256, sizeBytes } = AssetRef.parse(row);
      return checkFile(folder, { path: objectPath(sha256), sha256, sizeBytes });
    },
  });
  return manifest;
}

function checkVersion({ migrations: theirs, program }: Manifest, ours: Migration[]): void {
  if (theirs.length > ours.length)
    throw new BackupRefused(
      `The backup's database is at version ${theirs.length}, this program only knows versions up to ${ours.length}: ` +
        `it is of a newer release (${program}). Restore it with that one, or a newer one.`,
    );
  const other = theirs.find(({ checksum }, index) => checksum !== ours[index]?.checksum);
  if (other !== undefined)
    throw new BackupRefused(`Migration ${title(other)} of the backup is not this program's: it is of another release.`);
}

async function checkFile(folder: string, file: BackedUpFile): Promise<void> {
  if (await holds(path.join(folder, file.path), file)) return;
  throw new BackupRefused(`The backup is damaged: ${file.path} is missing, or not as it was written.`);
}
