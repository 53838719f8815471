import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { builtProgram } from '../built-program.ts';

const MAIN = builtProgram('src/api/main.js');

describe('the gateway as a process', () => {
  let dataDir: string;
  const children: ChildProcess[] = [];
  before(async () => void (dataDir = await mkdtemp(path.join(tmpdir(), 'gateway-'))));
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });

  function start(env: Record<string, string>) {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        DATA_DIR: dataDir,
        TEMPORAL_ADDRESS: '127.0.0.1:1',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    return { child, said, exited };
  }

  it('says where it listens, answers while Temporal is away, finishes what it is answering, and ends with 0', async () => {
    const { child, said, exited } = start({ GATEWAY_PORT: '0' });
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    const { listening } = JSON.parse(said.stdout) as { listening: string };
    assert.equal((await fetch(`${listening}/health`)).status, 200);

    const inFlight = fetch(`${listening}/api/v1/generate-video`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"video_theme":"x"}',
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGTERM');
    assert.equal((await inFlight).status, 503);
    assert.equal(await exited, 0, said.stderr);
    assert.equal(said.stdout.trim().split('\n').length, 1);
    await assert.rejects(fetch(`${listening}/health`));

    const port = new URL(listening).port;
    const holder = start({ GATEWAY_PORT: port });
    await once(holder.child.stdout as NodeJS.ReadableStream, 'data');
    const second = start({ GATEWAY_PORT: port });
    assert.equal(await second.exited, 1);
    assert.match(second.said.stderr, /Port \d+ is taken\. Set GATEWAY_PORT/);
    assert.equal(second.said.stdout, '');
  });

  it('names every variable it cannot use', async () => {
    const { exited, said } = start({ GATEWAY_PORT: 'x', LOG_LEVEL: 'loud' });
    assert.equal(await exited, 1);
    assert.match(said.stderr, /^ {2}GATEWAY_PORT: must be a port: a whole number from 0 to 65535, such as 8001/m);
    assert.match(said.stderr, /^ {2}LOG_LEVEL: /m);
  });
});
