import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { queuesOfAVideo } from '../../src/api/http/check-workers.ts';
import { Metrics } from '../../src/api/http/metrics.ts';
import { TemporalGate } from '../../src/api/temporal-gate.ts';
import { watchWorkers } from '../../src/api/worker-watch.ts';
import type { WireQueue, WireWorker } from '../../src/contract/fleet.ts';
import type { WorkerHealth } from '../../src/contract/health.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { until } from '../until.ts';
import { startTestGateway, type TestGateway } from './harness.ts';
import { startTemporal, temporalClient } from './temporal-server.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const WORKER = fileURLToPath(new URL('ready-worker.ts', import.meta.url));
const BRANCHES = 'audio_processing,visual_processing,visual_waiting';
/** Ten seconds to the first beat, then the 25 s a worker may be silent. */
const UNREADY_WITHIN_MS = 32_000;
const PROMPT_MS = 700;
/** Before a worker’s first beat, which comes after ten seconds. */
const SOON_MS = 9_000;

describe('readiness', () => {
  let database: TestDatabase;
  before(async () => void (database = await startEmbedded()));
  after(() => database.stop());
  const children: ChildProcess[] = [];
  after(() => children.forEach((child) => child.kill('SIGKILL')));

  async function startWorkers(address: string, queues: string) {
    const child = spawn(process.execPath, ['--import', 'tsx', WORKER, address, queues], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    return child;
  }

  async function start(options: { listsWorkers: boolean }) {
    const temporal = await startTemporal(undefined, options);
    const gateway = await startTestGateway(await temporalClient(temporal.address), database.environment);
    const ready = async () => {
      const answer = await gateway.request('GET', '/ready');
      assert.ok(answer.elapsedMs < onABusyMachine(PROMPT_MS), `${answer.elapsedMs} ms`);
      return answer;
    };
    const until = async (holds: (message: string) => boolean, withinMs: number) => {
      for (const end = Date.now() + withinMs; ; await sleep(250)) {
        const { json } = await ready();
        const message: string = json.error?.message ?? json.message;
        if (holds(message)) return message;
        assert.ok(Date.now() < end, `still after ${withinMs} ms: ${message}`);
      }
    };
    const watch = watched(gateway);
    const stop = async () => {
      await gateway.stop();
      await watch.done;
      await temporal.stop();
    };
    const health = async () => (await gateway.request('GET', '/health')).json.data.workers as WorkerHealth[] | null;
    const ask = async (path: string) => (await gateway.request('GET', path)).json.data;
    return { address: temporal.address, until, health, ask, watch, stop };
  }

  it('needs a living worker on every queue of a video, and soon knows of one that was killed', async () => {
    const { address, until, health, ask, watch, stop } = await start({ listsWorkers: true });
    await until(
      (message) =>
        message.includes('queues orchestration, audio_processing, visual_processing, visual_waiting, render, capcut'),
      SOON_MS,
    );
    await startWorkers(address, `orchestration,${BRANCHES}`);
    await until((message) => message.endsWith('queues render, capcut: start one.'), SOON_MS);
    const composers = await startWorkers(address, 'render,capcut');
    // At once: it polls, though it has not beaten yet.
    await until((message) => message === 'The gateway is ready.', SOON_MS);
    await sleep(11_000);
    await until((message) => message === 'The gateway is ready.', 0);
    const statuses = async () => (await health())?.map(({ status }) => status).sort();
    assert.deepEqual(await statuses(), ['online', 'online']);
    assert.deepEqual((await health())?.flatMap(({ queues }) => queues.map(({ queue }) => queue)).sort(), [
      'audio_processing',
      'capcut',
      'orchestration',
      'render',
      'visual_processing',
      'visual_waiting',
    ]);
    const fleet = (await ask('/api/v1/workers')).workers as WireWorker[];
    for (const worker of fleet) {
      assert.equal(worker.status, 'online');
      assert.ok(worker.load.slots >= worker.queues.length && worker.load.used === 0, JSON.stringify(worker.load));
      assert.ok(Date.parse(worker.started_at!) <= Date.parse(worker.last_beat));
    }
    const queues = (await ask('/api/v1/queues')).queues as WireQueue[];
    // No worker of this test is there for webhooks, which no video waits for.
    assert.deepEqual(
      queues.filter(({ workers }) => workers !== 1).map(({ queue, workers }) => [queue, workers]),
      [['webhooks', 0]],
    );
    composers.kill('SIGKILL');
    await until((message) => message.endsWith('queues render, capcut: start one.'), UNREADY_WITHIN_MS);
    assert.deepEqual(await statuses(), ['offline', 'online']);
    const served = (await ask('/api/v1/queues')).queues as WireQueue[];
    assert.deepEqual(
      served.filter(({ workers }) => workers === 0).map(({ queue }) => queue),
      ['capcut', 'render', 'webhooks'],
    );
    await watch.until('worker offline: it is silent');
    await watch.until('no worker serves this queue');
    assert.match(await watch.figures(), /mcp_bridge_workers_lost_total 1\n/);
    assert.match(await watch.figures(), /mcp_bridge_queue_workers\{queue="render"\} 0\n/);
    assert.match(await watch.figures(), /mcp_bridge_queue_workers\{queue="orchestration"\} 1\n/);

    const orderly = await startWorkers(address, 'render,capcut');
    await until((message) => message === 'The gateway is ready.', SOON_MS);
    await sleep(11_000);
    orderly.kill('SIGTERM');
    await until((message) => message.endsWith('queues render, capcut: start one.'), SOON_MS);
    await watch.until('worker stopped');
    assert.match(await watch.figures(), /mcp_bridge_workers_lost_total 1\n/, 'who stops in order is not lost');
    await stop();
  });

  it('asks for pollers where the server does not list workers', async () => {
    const { address, until, stop } = await start({ listsWorkers: false });
    await startWorkers(address, `orchestration,${BRANCHES},render`);
    await until((message) => message.endsWith('queue capcut: start one.'), SOON_MS);
    await startWorkers(address, 'capcut');
    await until((message) => message === 'The gateway is ready.', SOON_MS);
    await stop();
  });
});

/** The gateway's watch over the workers, with what it announces. */
function watched({ config, client, shutdown: signal }: TestGateway) {
  const told: string[] = [];
  const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => (told.push(chunk.toString()), done()) });
  const metrics = new Metrics();
  const gate = new TemporalGate(client, config.statusDeadlineMs);
  const queues = queuesOfAVideo(config);
  const done = watchWorkers({ gate, queues, figures: metrics.workers, log: pino(sink), signal, everyMs: 500 });
  return {
    done,
    figures: () => metrics.text(),
    until: (message: string) => until(`it is told: ${message}`, () => told.join('').includes(message)),
  };
}
