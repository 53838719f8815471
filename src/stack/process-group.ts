import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { diesWithParent } from '../tools/dies-with-parent.ts';

const POLL_MS = 20;

/** Stdout is ours to read; stderr goes to the file it was given. */
export type GroupLeader = ChildProcessByStdio<null, Readable, null>;

export interface GroupSpec {
  command: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** File descriptor. */
  stderr: number;
}

/** Starts a program as the leader of its own process group: a terminal's Ctrl-C does not reach it, and what it starts dies with it. */
export async function spawnGroup({ command, cwd, env, stderr }: GroupSpec): Promise<GroupLeader> {
  const [file = '', ...args] = [...(await diesWithParent()), ...command];
  return spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', stderr] }) as GroupLeader;
}

/** Sends a signal to every process of the group; one that is gone is no error. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Resolves to true as soon as nothing of the group is left, to false when time is up. */
export async function groupGone(group: number, withinMs: number): Promise<boolean> {
  for (const end = Date.now() + withinMs; ; await sleep(POLL_MS)) {
    if (!groupAlive(group)) return true;
    if (Date.now() >= end) return false;
  }
}

function groupAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  // A zombie whose parent does not collect it still answers; it is not a process that does anything.
  const members = groupMembers(group);
  return members === null || members.length > 0;
}

/** The living members of a group; null where there is no /proc to read. */
export function groupMembers(group: number): number[] | null {
  let entries: string[];
  try {
    entries = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return null;
  }
  return entries.map(Number).filter((pid) => {
    const [state, , processGroup] = statFields(pid);
    return Number(processGroup) === group && state !== 'Z' && state !== 'X';
  });
}

function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // ended while we looked
  }
}
