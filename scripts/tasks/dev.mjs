import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import path from 'node:path';
import { ensureBuild } from './build.mjs';
import { Failure, note, projectDir } from './project.mjs';

const DEBOUNCE_MS = 500; // an editor's save, a checkout or a formatter touches many files in one go

/** The stack, built and started again whenever a source changes. A build that fails leaves the running one alone. */
export async function dev(args) {
  const change = changes(['src', 'sandbox', 'config']);
  const ending = signalled();
  await ensureBuild();
  for (;;) {
    const stack = start(args);
    const rebuilt = builtAgain(change);
    let next = await Promise.race([ending, rebuilt, stack.exited]);
    if (next === 'exited') {
      note('The stack has stopped. Waiting for a change.');
      next = await Promise.race([ending, rebuilt]);
    }
    await stack.stop();
    if (next === 'ending') process.exit(0); // the watchers would keep this process alive
  }
}

async function builtAgain(change) {
  for (;;) {
    await change();
    try {
      await ensureBuild();
      return 'built';
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      note(`${error.message} The stack runs on as it was.`);
    }
  }
}

function start(args) {
  // A group of its own: a terminal's Ctrl-C reaches us alone, and we end it in order.
  const child = spawn(process.execPath, [path.join(projectDir, 'dist/src/cli/main.js'), 'start', ...args], {
    cwd: projectDir,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const exited = new Promise((resolve) => child.once('exit', () => resolve('exited')));
  return {
    exited,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Returns a function that resolves once files have changed and then been quiet for a moment. */
function changes(folders) {
  let pending = false;
  let wake = () => {};
  let timer;
  for (const folder of folders) {
    watch(path.join(projectDir, folder), { recursive: true }, (_event, name) => {
      if (name?.endsWith('.test.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        pending = true;
        wake();
      }, DEBOUNCE_MS);
    });
  }
  return async () => {
    if (!pending) await new Promise((resolve) => (wake = resolve));
    pending = false;
  };
}

function signalled() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve('ending'));
  });
}
