import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StackError } from '../../src/stack/events.ts';
import { groupMembers } from '../../src/stack/process-group.ts';
import { startStack } from '../../src/stack/stack.ts';
import { logOf, processesOf, recorder, stackConfig, standIns } from './stand-ins.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';
import { until } from '../until.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-stack-'));
const folder = (name: string) => path.join(scratch, name);
const NAMES = ['temporal', 'sandbox', 'database', 'worker', 'gateway'] as const;

after(() => rmSync(scratch, { recursive: true, force: true }));

describe('a stack', () => {
  it('starts, restarts what dies with what that had started, and leaves nothing behind', async () => {
    const dataDir = folder('one');
    const { events, onEvent } = recorder();
    const stack = await startStack({ config: stackConfig(dataDir), programs: standIns(), onEvent });
    const groups = NAMES.map((name) => stack.pid(name) ?? assert.fail(`${name} does not run`));
    assert.equal(await (await fetch(stack.urls.gateway)).text(), 'gateway');
    assert.equal((await fetch(stack.urls.temporalUi)).status, 200);

    for (const name of ['worker', 'temporal'] as const) {
      const old = stack.pid(name) ?? assert.fail();
      const ready = () => events.filter((event) => event.type === 'program-ready' && event.name === name).length;
      process.kill(old, 'SIGKILL');
      await until(`${name} is ready again`, () => ready() === 2);
      assert.equal(stack.restarts(name), 1);
      assert.deepEqual(groupMembers(old), [], `the old ${name}'s child is gone`);
      groups.push(stack.pid(name) ?? assert.fail());
    }
    assert.equal(stack.restarts('gateway'), 0);

    await Promise.all([stack.stop(), stack.stop()]);
    for (const group of groups) assert.deepEqual(groupMembers(group), []);
    assert.deepEqual(processesOf(dataDir), []);
    for (const name of ['gateway', 'worker', 'database', 'sandbox'] as const)
      assert.match(logOf(dataDir, name), /ended in order/);
    assert.ok(!existsSync(path.join(dataDir, 'stack.lock')));
  });

  it('runs beside another on other ports, and refuses a second one on its folder', async () => {
    const first = await startStack({ config: stackConfig(folder('a')), programs: standIns(), onEvent: () => {} });
    const second = await startStack({
      // Nobody asked for these by variable, so they may move away from the first stack's.
      config: {
        ...stackConfig(folder('b')),
        ports: { ...first.ports, mcp: 0 },
        environment: { PATH: process.env['PATH'] },
      },
      movePorts: true,
      programs: standIns({ worker: 'stubborn' }),
      onEvent: () => {},
    });
    try {
      const all = [...Object.values(first.ports), ...Object.values(second.ports)];
      assert.equal(new Set(all).size, all.length, `no port twice in ${all.join(' ')}`);
      for (const { urls } of [first, second]) assert.equal((await fetch(urls.temporalUi)).status, 200);
      await assert.rejects(
        startStack({ config: stackConfig(folder('a')), programs: standIns(), onEvent: () => {} }),
        (error: Error) => error instanceof StackError && /process \d+\) already runs on .*DATA_DIR/.test(error.message),
      );
    } finally {
      await Promise.all([first.stop(), second.stop({ discard: true })]);
    }
    assert.deepEqual([...processesOf(folder('a')), ...processesOf(folder('b'))], []);
  });

  it('takes over a folder whose stack has died', async () => {
    const dataDir = folder('died');
    const gone = spawn('true');
    await once(gone, 'exit');
    rmSync(dataDir, { recursive: true, force: true });
    const stack = startStack({
      config: { ...stackConfig(dataDir), dataDir },
      programs: (options) => {
        throw new StackError(`reached with ports ${Object.keys(options.ports).length}`);
      },
      onEvent: () => {},
    });
    await assert.rejects(stack, /reached/);
    writeFileSync(path.join(dataDir, 'stack.lock'), `${gone.pid} 1`);
    const again = startStack({
      config: stackConfig(dataDir),
      programs: () => {
        throw new StackError('reached again');
      },
      onEvent: () => {},
    });
    await assert.rejects(again, /reached again/);
  });

  it('names the variable of every port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const taken = String((server.address() as AddressInfo).port);
    const alsoTaken = Number(taken) + (Number(taken) > 64_000 ? -1000 : 1000);
    const other = createServer().listen(alsoTaken, '127.0.0.1');
    await Promise.race([once(other, 'listening'), once(other, 'error')]);
    try {
      const config = stackConfig(folder('taken'), { GATEWAY_PORT: taken, TEMPORAL_UI_PORT: taken });
      await assert.rejects(
        startStack({ config, programs: standIns(), onEvent: () => {}, movePorts: true }),
        (error) => {
          assert.ok(error instanceof StackError);
          assert.match(error.message, new RegExp(`Port ${taken} is taken.*GATEWAY_PORT`));
          assert.match(error.message, new RegExp(`Port ${taken} is taken.*TEMPORAL_UI_PORT`));
          const suggested = [...error.message.matchAll(/_PORT=(\d+)/g)].map(([, port]) => Number(port));
          assert.equal(new Set(suggested).size, 2, error.message);
          assert.ok(!suggested.includes(alsoTaken), 'what is suggested is free');
          return true;
        },
      );
    } finally {
      server.close();
      other.close();
    }
    assert.deepEqual(processesOf(folder('taken')), []);
  });

  it('says why a program does not start, and leaves nothing of the others', async () => {
    const dataDir = folder('broken');
    const stack = startStack({
      config: stackConfig(dataDir),
      programs: standIns({ worker: 'broken' }),
      onEvent: () => {},
    });
    await assert.rejects(stack, /worker does not start[^]*a setting is missing/);
    assert.deepEqual(processesOf(dataDir), []);
  });

  it('gives up a start when told to', async () => {
    const dataDir = folder('aborted');
    const control = new AbortController();
    const stack = startStack({
      config: stackConfig(dataDir),
      programs: standIns(),
      signal: control.signal,
      onEvent: (event) => {
        if (event.type === 'program-ready' && event.name === 'sandbox') control.abort(new StackError('given up'));
      },
    });
    await assert.rejects(stack, /given up/);
    assert.deepEqual(processesOf(dataDir), []);
  });

  it('leaves nothing within 3 s when the supervisor itself is killed', async () => {
    const dataDir = folder('killed');
    const script = fileURLToPath(new URL('supervisor-process.ts', import.meta.url));
    const supervisor = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    await once(supervisor.stdout, 'data');
    assert.ok(processesOf(dataDir).length >= 4);
    assert.ok(supervisor.pid !== undefined);
    process.kill(supervisor.pid, 'SIGKILL');
    await until('all processes are gone', () => processesOf(dataDir).length === 0, {
      withinMs: onABusyMachine(3_000),
    });
  });
});
