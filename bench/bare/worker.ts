import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { quietRuntime } from '../../test/replay/quiet-runtime.ts';

/** Which step it is makes no difference: it is done at once. */
export type Step = (name: string) => Promise<void>;

export const BARE_QUEUE = 'bare';

const step: Step = () => Promise.resolve();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  quietRuntime();
  const connection = await NativeConnection.connect({ address: process.argv[2]! });
  // One queue and the SDK's own settings, eager activities among them: the quickest that it offers.
  const worker = await Worker.create({
    ...{ connection, taskQueue: BARE_QUEUE, activities: { step } },
    workflowsPath: fileURLToPath(new URL('workflows.ts', import.meta.url)),
  });
  process.once('SIGTERM', () => worker.shutdown());
  process.stdout.write('ready\n');
  await worker.run();
  await connection.close();
}
