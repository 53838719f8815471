import type { Client } from '@temporalio/client';
import { NativeConnection, Worker, type ActivityInterceptorsFactory } from '@temporalio/worker';
import { HEARTBEAT_MS } from '../../src/workers/interceptors/resilience.ts';
import { startTemporal, temporalClient } from '../api/temporal-server.ts';
import { fixtureBundle } from '../fixture-bundle.ts';

interface WorkerUnderTest {
  taskQueue: string;
  activities: object;
  /** The product's own; they may ask the server. */
  interceptors: (client: Client) => ActivityInterceptorsFactory[];
}

/** A real server, and a worker with the product's heartbeats and interceptors on activities of the test's own. */
export async function startWorkerUnderTest({ taskQueue, activities, interceptors }: WorkerUnderTest) {
  const server = await startTemporal();
  const client = await temporalClient(server.address);
  const connection = await NativeConnection.connect({ address: server.address });
  const worker = await Worker.create({
    ...{ connection, taskQueue, activities },
    workflowBundle: await fixtureBundle(new URL('fixtures/workflows.ts', import.meta.url)),
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_MS,
    interceptors: { activity: interceptors(client) },
  });
  const running = worker.run();
  return {
    client,
    async stop(): Promise<void> {
      worker.shutdown();
      await running;
      await connection.close();
      await client.connection.close();
      await server.stop();
    },
  };
}
