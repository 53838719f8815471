import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../src/config.ts';
import { withPidLock } from '../src/tools/install-lock.ts';

const run = promisify(execFile);
const SET_UP_MS = 300_000;

/**
 * A package of PyPI in an environment of its own in the user's cache, made once; a half-made one is never taken for a
 * whole one. Resolves to the environment's folder.
 */
export async function pythonPackage(
  name: string,
  version: string,
  { ignoreRequiresPython = false } = {},
): Promise<string> {
  const folder = path.join(loadConfig().cacheDir, `python-${name.toLowerCase()}`, version);
  const done = path.join(folder, 'installed');
  const make = async () => {
    if (existsSync(done)) return;
    rmSync(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    const whatever = ignoreRequiresPython ? ['--ignore-requires-python'] : [];
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...whatever, `${name}==${version}`];
    await run(path.join(folder, 'bin', 'python'), pip, { timeout: SET_UP_MS });
    mkdirSync(done);
  };
  if (!existsSync(done)) await withPidLock(`${folder}.lock`, () => {}, make);
  return folder;
}
