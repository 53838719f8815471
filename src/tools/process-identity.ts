import { readFileSync } from 'node:fs';

/** A process by number and, where /proc tells, start time, since numbers are used again. Null when there is none. */
export function identity(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  const stat = statOf(pid);
  // The 22nd field; the 2nd, the name, may itself hold spaces and brackets.
  const startedAt = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${pid} ${startedAt ?? '-'}`;
}

function statOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
