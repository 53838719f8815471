import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectDir = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Locks and what they guard for a moment. Inside the project's folder, outside of what npm and the build replace. */
export const stateDir = path.join(projectDir, '.mcp-bridge');

/** What ends a task with a message and no stack trace. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A line for people, on stderr: stdout belongs to what the command answers. */
export function note(message) {
  process.stderr.write(`${message}\n`);
}

/** Runs a program in the project's folder; resolves to its exit code (a signal counts as 1). */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: projectDir, stdio: 'inherit', ...options });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Runs a tool out of node_modules with this Node. */
export function runNode(tool, args, options) {
  return run(process.execPath, [path.join(projectDir, 'node_modules', tool), ...args], options);
}

/** Every file below a folder of the project, sorted, as paths relative to the project. */
export function filesUnder(folder, wanted) {
  let entries;
  try {
    entries = readdirSync(path.join(projectDir, folder), { withFileTypes: true, recursive: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(projectDir, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => wanted(file))
    .sort();
}
