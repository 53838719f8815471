import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { ulid } from 'ulid';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { reapOrphans } from '../../src/render/owner.ts';
import { reapFolders } from '../../src/workers/reaper.ts';
import { startTemporal, temporalClient } from '../api/temporal-server.ts';
import { until } from '../until.ts';

const MAKER = fileURLToPath(new URL('orphan-maker.ts', import.meta.url));

describe('what a worker that died has left', () => {
  let folder: string;
  before(() => void (folder = mkdtempSync(path.join(tmpdir(), 'reaper-test-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  describe('running', { skip: process.platform !== 'linux' }, () => {
    const started: ChildProcess[] = [];
    after(() => started.forEach((child) => child.kill('SIGKILL')));

    /** A program that goes on for ever in ffmpeg's place. */
    function endless(): string {
      const file = path.join(folder, 'endless');
      writeFileSync(file, '#!/bin/sh\necho frame=$$; echo progress=continue\nwhile true; do sleep 0.1; done\n');
      chmodSync(file, 0o755);
      return file;
    }

    /** Where nothing kills a child with its parent. */
    function pathWithoutSetpriv(): string {
      const bin = path.join(folder, 'bin');
      mkdirSync(bin, { recursive: true });
      for (const name of ['sh', 'sleep', 'env'])
        if (!existsSync(path.join(bin, name))) symlinkSync(`/usr/bin/${name}`, path.join(bin, name));
      return bin;
    }

    async function startOwner(): Promise<{ owner: ChildProcess; pid: number }> {
      const owner = spawn(process.execPath, ['--import', 'tsx', MAKER, endless(), folder], {
        env: { ...process.env, PATH: pathWithoutSetpriv() },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      started.push(owner);
      const [line] = (await once(createInterface({ input: owner.stdout! }), 'line')) as [string];
      return { owner, pid: Number(line) };
    }

    it('is ended, and nothing of a worker that lives, nor anything that is not ours', async () => {
      const [dead, living] = await Promise.all([startOwner(), startOwner()]);
      const foreign = spawn(endless(), { stdio: 'ignore' });
      started.push(foreign);
      dead.owner.kill('SIGKILL');
      await once(dead.owner, 'exit');
      assert.ok(isAlive(dead.pid), 'it outlives its worker, or there is nothing to show');

      assert.ok(reapOrphans() >= 1);
      await until('the orphan is gone', () => !isAlive(dead.pid));
      assert.ok(isAlive(living.pid));
      assert.ok(isAlive(foreign.pid!));
      living.owner.kill('SIGKILL');
      await once(living.owner, 'exit');
      reapOrphans();
      await until('the other is gone', () => !isAlive(living.pid));
    });
  });

  describe('in the work folder', () => {
    let temporal: Awaited<ReturnType<typeof startTemporal>>;
    let client: Client;
    before(async () => {
      temporal = await startTemporal();
      client = await temporalClient(temporal.address);
    });
    after(async () => {
      await client.connection.close();
      await temporal.stop();
    });
    const ask = <T>(question: (client: Client) => Promise<T>): Promise<T> => question(client);

    /** A work folder with a file that nobody has touched for `ageMs`. */
    function folderOf(name: string, ageMs: number): string {
      const inside = path.join(folder, 'work', name);
      mkdirSync(path.join(inside, 'fonts'), { recursive: true });
      writeFileSync(path.join(inside, 'fonts', 'tmp-1-a-font'), 'x');
      const at = new Date(Date.now() - ageMs);
      for (const file of ['fonts/tmp-1-a-font', 'fonts', '.']) utimesSync(path.join(inside, file), at, at);
      return inside;
    }

    async function startRun(): Promise<string> {
      const id = `v${ulid()}`;
      await client.workflow.start('generateVideo', { taskQueue: 'nobody', workflowId: workflowIdOf(id), args: [] });
      return id;
    }

    it('is removed when its run is over, and only then, and only what nobody touches', async () => {
      const [open, over, fresh] = [await startRun(), await startRun(), await startRun()];
      for (const id of [over, fresh]) await client.workflow.getHandle(workflowIdOf(id)).terminate();
      const kept = [folderOf(open, 120_000), folderOf(fresh, 1_000), folderOf('not-a-video', 120_000)];
      const gone = [folderOf(over, 120_000), folderOf(`v${ulid()}`, 120_000)];
      const workDir = path.join(folder, 'work');
      assert.equal(await reapFolders({ workDir, askTemporal: ask }), 2);
      assert.deepEqual([...kept, ...gone].filter(existsSync), kept);

      const away = () => Promise.reject(new Error('no answer'));
      const doubtful = folderOf(over, 120_000);
      assert.equal(await reapFolders({ workDir, askTemporal: away }), 0);
      assert.ok(existsSync(doubtful), 'while Temporal is away nobody knows');
    });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
