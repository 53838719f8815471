import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { register } from 'tsx/esm/api';
import type * as bundle from '../../src/workers/bundle.ts';
import { quietLogger } from './quiet-runtime.ts';

// The copy's bundler is TypeScript.
register();

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A change of one place in one file of src/workflows. */
export interface Mutation {
  file: string;
  from: string;
  to: string;
}

/** Bundles a changed copy of the workflows, by the copy's own bundler. @throws when the text to change is not there. */
export async function bundleMutant(mutations: Mutation[]): Promise<string> {
  // Outside of the project: nothing here finds its way into a build, and only the installed packages are shared.
  const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-mutant-'));
  try {
    for (const part of ['src', 'package.json'])
      cpSync(path.join(PROJECT, part), path.join(folder, part), { recursive: true });
    symlinkSync(path.join(PROJECT, 'node_modules'), path.join(folder, 'node_modules'));
    for (const mutation of mutations) mutate(folder, mutation);
    const bundler = pathToFileURL(path.join(folder, 'src/workers/bundle.ts')).href;
    const { bundleWorkflows } = (await import(bundler)) as typeof bundle;
    return await bundleWorkflows(quietLogger);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function mutate(folder: string, { file, from, to }: Mutation): void {
  const target = path.join(folder, 'src/workflows', file);
  const source = readFileSync(target, 'utf8');
  const places = source.split(from).length - 1;
  // A mutation that changes nothing would prove nothing.
  if (places !== 1) throw new Error(`${file}: found ${places} times, not once: ${from}`);
  writeFileSync(
    target,
    source.replace(from, () => to),
  );
}
