import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSetupError } from './errors.ts';

/** The name by which PostgreSQL's clients know a socket in a folder. */
const SOCKET = '.s.PGSQL.5432';

/** What every system takes as a socket's path (Linux 107, macOS 103). */
const LONGEST_PATH_BYTES = 100;

/**
 * The folder of the embedded database's socket: beside the data, or in a private folder of /tmp where that path would be
 * too long. Not os.tmpdir(): two processes with different TMPDIR must find the same.
 */
export function socketFolder(dataDir: string): string {
  const beside = path.join(dataDir, 'database-socket');
  if (Buffer.byteLength(socketIn(beside)) <= LONGEST_PATH_BYTES) return beside;
  const hash = createHash('sha256').update(realPath(dataDir)).digest('hex').slice(0, 24);
  return path.join('/tmp', `mcp-bridge-${process.getuid?.() ?? 'user'}-${hash}`);
}

export const socketIn = (folder: string): string => path.join(folder, SOCKET);

/** Makes the folder, for this user alone. @throws DatabaseSetupError when it is somebody else's. */
export function makeSocketFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkSocketFolder(folder);
}

/**
 * False when there is no folder. Clients ask too: whoever could make the folder before us would be told what we store.
 * @throws DatabaseSetupError when it is not ours alone.
 */
export function checkSocketFolder(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  const ours = stat.isDirectory() && stat.uid === (process.getuid?.() ?? stat.uid) && (stat.mode & 0o077) === 0;
  if (ours) return true;
  throw new DatabaseSetupError(
    `${folder} must be a folder of this user that nobody else may enter (mode 700). Remove it, and start again.`,
  );
}

function realPath(dataDir: string): string {
  try {
    return realpathSync(dataDir);
  } catch {
    return path.resolve(dataDir);
  }
}
