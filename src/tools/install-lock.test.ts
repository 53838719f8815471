import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { tryPidLock } from './install-lock.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'install-lock-'));
const file = path.join(scratch, 'the.lock');
after(() => rmSync(scratch, { recursive: true, force: true }));

describe('the lock of one process', () => {
  it('names its living holder and is free again once released', () => {
    const lock = tryPidLock(file);
    assert.ok('release' in lock);
    assert.deepEqual(tryPidLock(file), { heldBy: process.pid });
    lock.release();
    const again = tryPidLock(file);
    assert.ok('release' in again);
    again.release();
  });

  it('is taken over from a process that has died, also where its number is in use again', () => {
    for (const dead of [`${process.pid} 1`, '999999999 5', 'garbage', '']) {
      writeFileSync(file, dead);
      const lock = tryPidLock(file);
      assert.ok('release' in lock, dead);
      lock.release();
    }
    assert.deepEqual(readdirSync(scratch), []);
  });

  it('lets one in at a time, though holders are killed while holding it', async () => {
    const counter = path.join(scratch, 'counter');
    writeFileSync(counter, '0');
    // Every third turn ends in kill -9 with the lock held, after the count was written.
    const program = `
      import { readFileSync, writeFileSync } from 'node:fs';
      import { withPidLock } from ${JSON.stringify(new URL('install-lock.ts', import.meta.url).href)};
      await withPidLock(${JSON.stringify(file)}, () => {}, async () => {
        const count = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
        await new Promise((resolve) => setTimeout(resolve, 30));
        writeFileSync(${JSON.stringify(counter)}, String(count + 1));
        if (count % 3 === 0) process.kill(process.pid, 'SIGKILL');
      });`;
    const runs = Array.from({ length: 9 }, () =>
      once(
        spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { stdio: 'inherit' }),
        'exit',
      ),
    );
    await Promise.all(runs);
    assert.equal(readFileSync(counter, 'utf8'), '9');
  });
});
