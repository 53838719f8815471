import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { CLOSED_PORT, startHost } from '../../src/providers/testing/local-host.ts';
import { ActiveTasks } from '../../src/workers/interceptors/active-tasks.ts';
import { serveMetrics, WorkerMetrics } from '../../src/workers/worker-metrics.ts';
import { gate } from '../ledger/shop.ts';

/** The samples of the text that Prometheus reads, by name and labels. */
const samplesOf = (text: string): Map<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );

describe('worker metrics', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(() => Promise.all(cleanups.splice(0).map((cleanup) => cleanup())));

  const run = (metrics: WorkerMetrics, activity: () => Promise<unknown>) =>
    new MockActivityEnvironment(
      { taskQueue: 'visual_processing', activityType: 'generateStill' },
      {
        logger: new DefaultLogger('ERROR'),
        interceptors: [(context) => ({ inbound: new ActiveTasks(context, metrics) })],
      },
    ).run(activity);

  const serve = async (metrics: WorkerMetrics, sdkPort: number) => {
    const server = serveMetrics(metrics, {
      host: '127.0.0.1',
      port: 0,
      sdkPort,
      onError: (error) => assert.fail(error),
    });
    await once(server, 'listening');
    cleanups.push(() => closed(server));
    const { port } = server.address() as AddressInfo;
    return async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  };

  it('count activities under way by queue, how long they took and how many failed', async () => {
    const metrics = new WorkerMetrics();
    const read = async () => samplesOf(await metrics.registry.metrics());
    const active = 'mcp_bridge_parallel_tasks_active{queue="visual_processing"}';
    const failures = 'mcp_bridge_activity_failures_total{activity="generateStill"}';
    const work = [gate(), gate()];
    const running = work.map(({ pass }) => run(metrics, pass));
    await Promise.all(work.map(({ reached }) => reached));
    assert.equal((await read()).get(active), 2);
    for (const { open } of work) open();
    await Promise.all(running);
    assert.equal((await read()).get(active), 0);
    assert.equal((await read()).get(failures) ?? 0, 0);

    await assert.rejects(run(metrics, () => Promise.reject(new Error('no'))));
    const after = await read();
    assert.equal(after.get(active), 0);
    assert.equal(after.get(failures), 1);
    assert.equal(after.get('mcp_bridge_activity_duration_seconds_count{activity="generateStill"}'), 3);
  });

  it('are served alone, and together with the SDK’s', async () => {
    const sdk = await startHost((response) => void response.end('temporal_worker_task_slots 5\n'));
    cleanups.push(() => sdk.close());
    const metrics = new WorkerMetrics();
    await run(metrics, () => Promise.resolve());
    const get = await serve(metrics, Number(sdk.host.split(':')[1]));
    const alone = samplesOf(await get('/bridge-metrics'));
    const together = samplesOf(await get('/metrics'));
    assert.equal(alone.has('temporal_worker_task_slots'), false);
    assert.equal(together.get('temporal_worker_task_slots'), 5);
    for (const name of alone.keys()) assert.ok(together.has(name), name);
  });

  it('are served without the SDK’s when those cannot be had', async () => {
    const get = await serve(new WorkerMetrics(), CLOSED_PORT);
    assert.match(await get('/metrics'), /mcp_bridge_parallel_tasks_active/);
  });

  it('do not stop the worker when their port is taken', async () => {
    const other = await startHost((response) => void response.end());
    cleanups.push(() => other.close());
    const port = Number(other.host.split(':')[1]);
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => {
      serveMetrics(new WorkerMetrics(), { host: '127.0.0.1', port, sdkPort: port, onError: resolve });
    });
    assert.equal(error.code, 'EADDRINUSE');
  });
});

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
