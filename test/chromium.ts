import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { loadConfig } from '../src/config.ts';
import { withPidLock } from '../src/tools/install-lock.ts';

const run = promisify(execFile);
const INSTALL_MS = 600_000;
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A real Chromium without a window: CHROMIUM_PATH, the machine's own, or, where we may, Debian's package. */
export async function startChromium(): Promise<Browser> {
  const executablePath = found() ?? (await installed());
  return chromium.launch({
    executablePath,
    // As root it has no sandbox of its own; and it is to look for nothing outside.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  });
}

const found = (): string | undefined =>
  [process.env['CHROMIUM_PATH'] ?? '', ...PATHS].find((file) => file !== '' && existsSync(file));

async function installed(): Promise<string> {
  const lock = path.join(loadConfig().cacheDir, 'chromium.lock');
  const install = async (): Promise<void> => {
    if (found() !== undefined) return;
    const environment = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: INSTALL_MS };
    await run('apt-get', ['update'], environment);
    await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], environment);
  };
  try {
    await withPidLock(lock, () => {}, install);
  } catch (error) {
    throw new Error('The status page is tested in Chromium: install it, or set CHROMIUM_PATH.', { cause: error });
  }
  return found() ?? '';
}
