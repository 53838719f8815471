import { cp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { installOnce } from '../../tools/cache.ts';

/**
 * Opens the database in a folder of its own, made when it is missing. An empty one takes seconds to make (initdb), so
 * that it is made once a machine, in the cache, and copied. The caller must be the folder's only user: PGlite itself lets
 * a second process in, and then loses rows.
 */
export async function openCluster(folder: string, cacheDir: string): Promise<PGlite> {
  await installOnce(folder, async (temporary) => {
    const template = path.join(cacheDir, 'database', `pglite-${pgliteVersion()}`);
    await installOnce(template, makeEmpty);
    await cp(template, temporary, { recursive: true });
  });
  return open(folder);
}

async function makeEmpty(folder: string): Promise<void> {
  const db = await open(folder);
  await db.close();
  // Says which process has the folder open: none.
  await rm(path.join(folder, 'postmaster.pid'), { force: true });
}

const open = (folder: string): Promise<PGlite> => PGlite.create({ dataDir: folder, extensions: { vector } });

function pgliteVersion(): string {
  const require = createRequire(import.meta.url);
  // Its exports do not list package.json; its entry lies in dist/.
  const manifest = path.join(path.dirname(require.resolve('@electric-sql/pglite')), '..', 'package.json');
  return (require(manifest) as { version: string }).version;
}
