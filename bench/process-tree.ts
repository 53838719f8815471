import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessMemory {
  pid: number;
  command: string;
  rssBytes: number;
}

const PAGE_BYTES = 4096;
const TICKS_A_SECOND = 100;

/** A process and all that it has started, with what each holds in memory (Linux). Pages that several share are counted for each. */
export function memoryOfTree(root: number): ProcessMemory[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== null) parents.set(Number(name), parent);
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at !== 0; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter(isBelow).flatMap((pid) => memoryOf(pid) ?? []);
}

export const totalBytes = (processes: readonly ProcessMemory[]): number =>
  processes.reduce((total, { rssBytes }) => total + rssBytes, 0);

/** Samples a tree until told to stop; resolves to the highest total that was seen, with who held it then. */
export async function peakOfTree(
  root: number,
  { signal, everyMs = 50 }: { signal: AbortSignal; everyMs?: number },
): Promise<ProcessMemory[]> {
  let peak: ProcessMemory[] = [];
  while (!signal.aborted) {
    const now = memoryOfTree(root);
    if (totalBytes(now) > totalBytes(peak)) peak = now;
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
  return peak;
}

function memoryOf(pid: number): ProcessMemory | null {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, command, rssBytes: pages * PAGE_BYTES };
  } catch {
    return null; // ended while we looked
  }
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/** Processor seconds of all children of this process that have ended, theirs included (Linux). */
export function childrenCpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15);
  return (Number(user) + Number(system)) / TICKS_A_SECOND;
}
