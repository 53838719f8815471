import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { type Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { loadConfig } from '../../src/config.ts';
import { ORCHESTRATION } from '../../src/domain/queues.ts';
import { DYNAMIC_CONFIG } from '../../src/stack/temporal-server.ts';
import { createClient } from '../../src/temporal/connection.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { findTemporalCli } from '../../src/tools/temporal-cli.ts';
import { HEARTBEAT_MS, Resilience } from '../../src/workers/interceptors/resilience.ts';
import { fixtureBundle } from '../fixture-bundle.ts';
import { renderVideo } from './fixtures/activities.ts';

const START_MS = 240_000;

const LISTS_WORKERS = ['frontend.WorkerHeartbeatsEnabled=true', 'frontend.ListWorkersEnabled=true'];

/** A run is deleted only when the server has noted that its closing was dealt with: every 30 s, if not told otherwise. */
const FORGETS_SOON = [
  'history.transferProcessorUpdateAckInterval="1s"',
  'history.visibilityProcessorUpdateAckInterval="1s"',
];

/** A real Temporal dev server, in memory, with the search attributes and settings of the product. */
export async function startTemporal(port?: number, { listsWorkers = true } = {}) {
  const config = loadConfig();
  const cli = await findTemporalCli({
    explicitPath: config.tools.temporalCliPath,
    cacheDir: config.cacheDir,
    onNote: () => undefined,
  });
  const at = port ?? (await freePort());
  const attributes = ['tenant', 'status', 'stage', 'assetType'].flatMap((name) => [
    '--search-attribute',
    `${name}=Keyword`,
  ]);
  const settings = DYNAMIC_CONFIG.filter((setting) => listsWorkers || !LISTS_WORKERS.includes(setting));
  const args = [
    'server',
    'start-dev',
    '--headless',
    '--ip',
    '127.0.0.1',
    '--port',
    String(at),
    '--log-level',
    'error',
    ...attributes,
    ...[...FORGETS_SOON, ...settings].flatMap((setting) => ['--dynamic-config-value', setting]),
  ];
  const server = spawn(cli.path, args, { stdio: 'ignore' });
  const address = `127.0.0.1:${at}`;
  await untilReady(address);
  return { address, port: at, signal: (name: NodeJS.Signals) => server.kill(name), stop: () => stop(server) };
}

/** The product's own client. */
export async function temporalClient(address: string, codecModule: string | null = null): Promise<Client> {
  return createClient({ ...loadConfig().temporal, address }, await createDataConverter(codecModule));
}

/** Serves the stand-in workflow and its render until stopped; the heartbeats are the product's. */
export async function startTestWorker(address: string, codecModule: string | null = null) {
  const connection = await NativeConnection.connect({ address });
  const retryStrategies = loadConfig().errorHandling.retry_strategies;
  const worker = await Worker.create({
    connection,
    taskQueue: ORCHESTRATION,
    workflowBundle: await fixtureBundle(new URL('./fixtures/workflows.ts', import.meta.url)),
    dataConverter: await createDataConverter(codecModule),
    activities: { renderVideo },
    // One render at once, as a worker on a small machine.
    maxConcurrentActivityTaskExecutions: 1,
    interceptors: { activity: [(context) => ({ inbound: new Resilience(context, retryStrategies) })] },
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    stickyQueueScheduleToStartTimeout: '2s',
  });
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

async function untilReady(address: string): Promise<void> {
  const giveUpAt = Date.now() + START_MS;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 2000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.close();
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
