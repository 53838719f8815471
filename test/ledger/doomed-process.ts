import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A script in a process of its own, to be ended by kill -9. */
export function startDoomed(script: URL, args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', script.pathname, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** The next line it prints. @throws when it ends before. */
    nextLine: async (): Promise<string> => {
      const { done, value } = await lines.next();
      if (done === true) throw new Error('the process ended by itself');
      return value;
    },
    /** kill -9; resolves when it is dead. */
    kill: () => kill(child),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
