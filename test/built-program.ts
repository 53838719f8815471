import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../src/config.ts';

/**
 * A program of the product as `npm run build` has left it: one that is compiled anew at each start takes a second more of a
 * core, and tests start hundreds.
 */
export function builtProgram(module: `${string}.js`): string {
  const file = path.join(loadConfig({}).projectDir, 'dist', module);
  assert.ok(existsSync(file), `${file} is missing: npm run build`);
  return file;
}
