import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { builtProgram } from '../built-program.ts';

const MAIN = builtProgram('sandbox/main.js');

function start(environment: Record<string, string>) {
  return spawn(process.execPath, [MAIN], {
    env: { ...process.env, SANDBOX_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('the sandbox process', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`says once where it listens, and stops on ${signal}`, { timeout: 30_000 }, async () => {
      const child = start({});
      const lines: string[] = [];
      const reader = createInterface({ input: child.stdout });
      reader.on('line', (line) => lines.push(line));
      await once(reader, 'line');
      const { listening } = JSON.parse(lines[0] ?? '') as { listening: string };
      assert.match(listening, /^http:\/\/127\.0\.0\.1:\d+$/);
      assert.equal((await fetch(`${listening}/__sandbox/health`)).status, 200);
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [number];
      assert.equal(code, 0);
      assert.equal(lines.length, 1);
    });
  }

  it('names every bad setting and does not start', { timeout: 30_000 }, async () => {
    const child = start({ SANDBOX_DELAY_SCALE: 'slow', SANDBOX_SEED: 'x' });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 1);
    assert.match(errors, /SANDBOX_DELAY_SCALE/);
    assert.match(errors, /SANDBOX_SEED/);
  });
});
