// Real workers, one for each queue named, with the product's own runtime: they beat as the product's do. `{"ready"}` when they poll.
import { NativeConnection, Worker } from '@temporalio/worker';
import { createLog } from '../../src/log.ts';
import { installRuntime } from '../../src/workers/runtime.ts';
import { fixtureBundle } from '../fixture-bundle.ts';
import { renderVideo } from './fixtures/activities.ts';

const [address = '', queues = ''] = process.argv.slice(2);
await installRuntime(createLog({ level: 'silent', component: 'worker' }));
const connection = await NativeConnection.connect({ address });
const workflowBundle = await fixtureBundle(new URL('./fixtures/workflows.ts', import.meta.url));
const workers = await Promise.all(
  queues.split(',').map((taskQueue) =>
    Worker.create({
      connection,
      taskQueue,
      activities: { renderVideo },
      ...(taskQueue === 'orchestration' ? { workflowBundle } : {}),
    }),
  ),
);
process.once('SIGTERM', () => workers.forEach((worker) => worker.shutdown()));
const running = Promise.all(workers.map((worker) => worker.run()));
process.stdout.write('{"ready":true}\n');
await running;
process.exit(0);
