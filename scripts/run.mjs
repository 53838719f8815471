#!/usr/bin/env node
// Behind every npm script and the `mcp-bridge` command. Plain JavaScript on Node's own modules, because on a fresh
// clone nothing else is there yet: it installs the dependencies and builds when that is needed, then does the task.
import { pathToFileURL } from 'node:url';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureDependencies } from './tasks/dependencies.mjs';
import { declareClient, ensureBuild } from './tasks/build.mjs';
import { Failure, projectDir, runNode } from './tasks/project.mjs';

const tasks = {
  build: () => ensureBuild({ force: true }),
  typecheck,
  lint: async () => (await import('./tasks/lint.mjs')).lint(),
  fix: async () => (await import('./tasks/lint.mjs')).fix(),
  test: async (args) => (await import('./tasks/test.mjs')).test(args),
  replay: async () => (await import('./tasks/test.mjs')).test(['test/replay']),
  chaos: async (args) => (await import('./tasks/chaos.mjs')).chaos(args),
  'chaos:weakened': async (args) => (await import('./tasks/chaos.mjs')).weakened(args),
  bench: async (args) => (await import('./tasks/bench.mjs')).bench(args),
  dev: async (args) => (await import('./tasks/dev.mjs')).dev(args),
  prepack: async () => (await ensureBuild()) || declareClient(),
};

/** Installed from a package there are no sources: what is there is built, and npm has put the dependencies beside it. */
const isPackage = !existsSync(path.join(projectDir, 'src'));

const [name, ...args] = process.argv.slice(2);
try {
  requireNode();
  if (!isPackage) await ensureDependencies();
  const task = isPackage || name === undefined || !Object.hasOwn(tasks, name) ? undefined : tasks[name];
  if (task === undefined) await command();
  else process.exitCode = (await task(args)) ?? 0;
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

/** The page has types of its own: it runs in a browser. */
async function typecheck() {
  const page = ['--noEmit', '-p', 'src/status-page'];
  return (await runNode('typescript/bin/tsc', ['--noEmit', '-p', '.'])) || runNode('typescript/bin/tsc', page);
}

/** Everything that is not a task of development is a command of the product, run in this very process. */
async function command() {
  if (!isPackage) await ensureBuild();
  process.argv = [process.argv[0], path.join(projectDir, 'dist/src/cli/main.js'), ...process.argv.slice(2)];
  await import(pathToFileURL(process.argv[1]).href);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Failure(`mcp-bridge needs Node 20.19 or later; this is ${process.version}.`);
}
