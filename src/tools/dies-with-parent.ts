import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

let prefix: Promise<string[]> | undefined;

/** What is put before a command: where there is setpriv (Linux), the kernel kills the child when this process ends, however it ends. */
export function diesWithParent(): Promise<string[]> {
  const wrapper = ['setpriv', '--pdeathsig', 'KILL', '--'];
  prefix ??= execute('setpriv', [...wrapper.slice(1), 'true']).then(
    () => wrapper,
    () => [],
  );
  return prefix;
}
