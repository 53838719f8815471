import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { builtProgram } from '../built-program.ts';
import { PASSWORD } from '../database/postgres-server.ts';

const CLI = builtProgram('src/cli/main.js');

export interface Said {
  code: number;
  out: string;
  errors: string;
}

/** The product's own command. */
export function startCommand(
  environment: Record<string, string>,
  args: string[],
): { child: ChildProcess; end: Promise<Said> } {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, ARK_API_KEY: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', errors: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.errors += chunk.toString()));
  const end = once(child, 'close').then(([code]) => {
    assert.doesNotMatch(said.out + said.errors, new RegExp(PASSWORD), 'no secret is told');
    assert.doesNotMatch(said.errors, /\n\s+at /, 'no stack trace');
    return { code: code as number, ...said };
  });
  return { child, end };
}

export const command = (environment: Record<string, string>, ...args: string[]): Promise<Said> =>
  startCommand(environment, args).end;

/** @throws with what it said when it does not succeed. */
export async function succeeding(
  environment: Record<string, string>,
  ...args: string[]
): Promise<Record<string, unknown>> {
  const { code, out, errors } = await command(environment, ...args, '--json');
  assert.equal(code, 0, out + errors);
  return JSON.parse(out) as Record<string, unknown>;
}

/** @throws when it is not refused. Resolves to its reason. */
export async function refused(environment: Record<string, string>, ...args: string[]): Promise<string> {
  const { code, out, errors } = await command(environment, ...args);
  assert.equal(code, 2, out + errors);
  assert.equal(out, '');
  return errors;
}
