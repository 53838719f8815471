import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { Failure, note, projectDir, run, stateDir } from './project.mjs';

const lockfile = path.join(projectDir, 'package-lock.json');
const modules = path.join(projectDir, 'node_modules');
const marker = path.join(modules, '.mcp-bridge-lock');

/** Installs what package-lock.json names, unless exactly that is there. Safe for two processes at once. */
export async function ensureDependencies() {
  if (installed()) return;
  await withLock(
    path.join(stateDir, 'install.lock'),
    () => note('Another process is installing the dependencies; waiting for it.'),
    install,
  );
}

async function install() {
  if (installed()) return;
  if (!installedByHand()) {
    note('Installing the dependencies (npm ci). This happens once and takes one to two minutes.');
    // Development dependencies too: the build needs the compiler. npm's own words go to stderr.
    const code = await run('npm', ['ci', '--include=dev', '--no-fund', '--no-audit'], { stdio: ['ignore', 2, 2] });
    if (code !== 0) throw new Failure('npm ci failed: the dependencies could not be installed (see above).', code);
  }
  writeFileSync(marker, lockHash());
}

function installed() {
  return existsSync(marker) && readFileSync(marker, 'utf8') === lockHash();
}

function lockHash() {
  return createHash('sha256').update(readFileSync(lockfile)).digest('hex');
}

/** Whether npm itself (`npm install`, `npm ci`) has just put there what the lock file names. */
function installedByHand() {
  const hidden = path.join(modules, '.package-lock.json'); // npm writes it last, after a complete install
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(lockfile, 'utf8')).packages;
  const there = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([name, entry]) =>
      name === '' || (there[name] === undefined ? entry.optional === true : there[name].version === entry.version),
  );
}
