import { linkSync, mkdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TAKEOVER_LEFT_BEHIND_MS = 10_000; // taking over is a few calls in a row: a mark this old has lost its process

/**
 * Does `work` while holding the lock file; waits while another living process holds it. A holder that died is
 * replaced. (The product has its own in src/tools/install-lock.ts: this one must run before there is a build.)
 */
export async function withLock(file, onWait, work) {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let waited = false; !tryLock(file); waited = true) {
    if (!waited) onWait();
    await sleep(300);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, holderOf(process.pid));
  try {
    if (linked(mine, file)) return true;
    const holder = read(file);
    if (holder !== null && holderOf(Number(holder.split(' ')[0])) === holder) return false;
    return takeOver(file, mine, holder);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Only one process at a time may remove a dead holder's lock, or it could remove the lock of a third that was quicker. */
function takeOver(file, mine, deadHolder) {
  const mark = `${file}.takeover`;
  if (!linked(mine, mark)) {
    if (age(mark) > TAKEOVER_LEFT_BEHIND_MS) rmSync(mark, { force: true });
    return false;
  }
  try {
    if (read(file) === deadHolder && deadHolder !== null) unlinkSync(file);
    return linked(mine, file);
  } finally {
    rmSync(mark, { force: true });
  }
}

/** A hard link appears at once and with its content, or not at all. */
function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A process by number and, where /proc tells, start time, since numbers are used again. Null when there is none. */
function holderOf(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return null;
  }
  const stat = read(`/proc/${pid}/stat`);
  return `${pid} ${stat === null ? '-' : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
    throw error;
  }
}

function age(file) {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}
