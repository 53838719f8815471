import { linkSync, mkdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identity } from './process-identity.ts';

const TAKEOVER_LEFT_BEHIND_MS = 10_000; // taking over is a few calls in a row: a mark this old has lost its process
const POLL_MS = 300;

/** A lock file held by this process; whoever finds it with a dead holder takes it over. */
export interface PidLock {
  release(): void;
}

/** Takes the lock, or tells the process number of the living holder. */
export function tryPidLock(file: string): PidLock | { heldBy: number } {
  mkdirSync(path.dirname(file), { recursive: true });
  const own = identity(process.pid) ?? `${process.pid} -`;
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, own);
  try {
    if (linked(mine, file)) return heldLock(file, own);
    const holder = read(file);
    const pid = Number(holder?.split(' ')[0]);
    if (holder !== null && identity(pid) === holder) return { heldBy: pid };
    return takeOver(file, mine, holder) ? heldLock(file, own) : { heldBy: pid };
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Does `work` while holding the lock; waits, saying so once, while another living process holds it. */
export async function withPidLock<T>(file: string, onWait: (pid: number) => void, work: () => Promise<T>): Promise<T> {
  let lock = tryPidLock(file);
  for (let waited = false; 'heldBy' in lock; waited = true) {
    if (!waited) onWait(lock.heldBy);
    await sleep(POLL_MS);
    lock = tryPidLock(file);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function heldLock(file: string, own: string): PidLock {
  return {
    release: () => {
      // Only what is still ours: a folder deleted and made again may hold another's lock.
      if (read(file) === own) rmSync(file, { force: true });
    },
  };
}

/** Only one process at a time may remove a dead holder's lock, or it could remove the lock of a third that was quicker. */
function takeOver(file: string, mine: string, deadHolder: string | null): boolean {
  const mark = `${file}.takeover`;
  if (!linked(mine, mark)) {
    if (ageMs(mark) > TAKEOVER_LEFT_BEHIND_MS) rmSync(mark, { force: true });
    return false;
  }
  try {
    if (deadHolder !== null && read(file) === deadHolder) unlinkSync(file);
    return linked(mine, file);
  } finally {
    rmSync(mark, { force: true });
  }
}

/** A hard link appears at once and with its content, or not at all. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

function ageMs(file: string): number {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}
