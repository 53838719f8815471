import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { useSandbox } from './harness.ts';

const run = promisify(execFile);

/** The runtime half of `volcengine-python-sdk[ark]`, which since 5.x is a package of its own. */
const PACKAGE = 'volcengine-ark-runtime';
const VERSION = '5.0.54';
const SET_UP_MS = 300_000;
const SCRIPT = fileURLToPath(new URL('ark_client.py', import.meta.url));

interface Understood {
  scenes: number;
  tokens: number;
  streamed: string;
  url: string;
  size: string;
  images: number;
  embeddings: number[];
  together: number;
  embedded_tokens: number[];
  refused: { status: number; code: string; param: string };
}

describe('Volcengine’s Python SDK', () => {
  const sandbox = useSandbox();
  let python = '';
  before(
    async () => {
      python = await sdkPython();
    },
    { timeout: SET_UP_MS },
  );

  it(
    'chats, streams, makes a picture, embeds texts and parts, and understands a refusal',
    { timeout: 60_000 },
    async () => {
      const { stdout } = await run(python, [SCRIPT, sandbox.url]);
      const understood = JSON.parse(stdout) as Understood;
      assert.equal(understood.scenes, 3);
      assert.ok(understood.tokens > 0 && understood.streamed.length > 0);
      assert.deepEqual([understood.size, understood.images], ['1440x2560', 1]);
      assert.equal((await fetch(understood.url)).status, 200);
      assert.deepEqual([understood.embeddings, understood.together], [[2048, 2048], 1024]);
      assert.ok(understood.embedded_tokens.every((tokens) => tokens > 0));
      assert.equal(understood.refused.status, 400);
      assert.equal(understood.refused.code, 'InvalidParameter');
      assert.equal(understood.refused.param, 'size');
    },
  );
});

/** Its own environment in the user's cache, made once; a half-made one is never taken for a whole one. */
async function sdkPython(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'mcp-bridge', 'python-volcengine-ark', VERSION);
  const done = join(folder, 'installed');
  const python = join(folder, 'bin', 'python');
  if (existsSync(done)) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', `${PACKAGE}==${VERSION}`], { timeout: SET_UP_MS });
  mkdirSync(`${done}.tmp`);
  renameSync(`${done}.tmp`, done);
  return python;
}
