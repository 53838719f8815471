import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { Failure, note, projectDir, stateDir } from './project.mjs';

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
    const strict = await npm('ci');
    // A registry that lacks a package for some other platform makes a lock file without it, which `npm ci` refuses
    // everywhere. The same versions can be had from it all the same.
    const result = strict.code !== 0 && strict.output.includes('EUSAGE') ? await npm('install', '--no-save') : strict;
    if (result.code !== 0) {
      throw new Failure(`${result.output}\nThe dependencies could not be installed: npm failed (see above).`);
    }
  }
  writeFileSync(marker, lockHash());
}

/** Development dependencies too: the build needs the compiler. What npm says is shown only when it fails. */
function npm(...command) {
  return new Promise((resolve, reject) => {
    const args = [...command, '--include=dev', '--no-fund', '--no-audit'];
    const child = spawn('npm', args, { cwd: projectDir, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
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
