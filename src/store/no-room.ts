import { statfs } from 'node:fs/promises';
import { StoreUnavailableError } from './store-unavailable.ts';

/** What is bought must find room beside what others write meanwhile: clips of some ten MiB, and the database's own files. */
const LEAST_ROOM_BYTES = 64 * 1024 * 1024;

/** The disk is full. It passes when somebody makes room: whoever waits for that has lost nothing. */
export class NoRoomError extends StoreUnavailableError {
  constructor() {
    super('the disk of the asset store is full', { remedy: 'Make room on the disk that DATA_DIR is on.' });
  }
}

/** @throws NoRoomError in place of the system's own word for it. */
export function asNoRoom(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  throw code === 'ENOSPC' || code === 'EDQUOT' ? new NoRoomError() : error;
}

/** @throws NoRoomError when a folder's disk is nearly full. */
export async function checkRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < LEAST_ROOM_BYTES) throw new NoRoomError();
}
