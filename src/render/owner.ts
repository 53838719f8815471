import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { identity } from '../tools/process-identity.ts';

/** In the environment of every ffmpeg of ours: which process started it, so that nobody else's is ever taken for one. */
const MARK = 'MCP_BRIDGE_OWNER';

/** Before a command: it runs with our mark. Empty where /proc cannot tell one process from a later one of the same number. */
export function ownerMark(): string[] {
  const owner = ownerOf(process.pid);
  return owner === null ? [] : ['env', `${MARK}=${owner}`];
}

/**
 * Kills every process that a worker of ours has started and left behind by its death. Where there is no /proc to read,
 * nothing is killed. Gives how many.
 */
export function reapOrphans(): number {
  return processes().filter(isOrphan).filter(killed).length;
}

function isOrphan(pid: number): boolean {
  const [, owner] = new RegExp(`(?:^|\0)${MARK}=([^\0]*)`).exec(environmentOf(pid)) ?? [];
  if (owner === undefined || isZombie(pid)) return false;
  const [space, ownerPid = ''] = owner.split(' ');
  // The numbers of another container's processes mean others here.
  return space === pidSpace() && ownerOf(Number(ownerPid)) !== owner;
}

/** Space of process numbers, number and start time; null where they cannot be had. */
function ownerOf(pid: number): string | null {
  const [space, found] = [pidSpace(), identity(pid)];
  return space === null || found === null ? null : `${space} ${found}`;
}

function pidSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty for a process of somebody else, or one that has ended while we looked. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

function killed(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false; // it has ended in between
  }
}
