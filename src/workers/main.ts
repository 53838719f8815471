import { ConfigError, loadConfig, type Config } from '../config.ts';
import { DatabaseSetupError } from '../database/errors.ts';
import { PermanentError } from '../domain/errors.ts';
import { createLog } from '../log.ts';
import { startWorkers } from './start-workers.ts';

/** The worker process: `{"ready": true}` on stdout when it polls; SIGTERM ends it after what is under way. */
async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog({ level: config.logLevel, component: 'worker' });
  try {
    const workers = await startWorkers(config, log);
    // Told twice is told once: it is on its way. Whoever cannot wait kills it, which loses nothing either.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void workers.stop());
    process.stdout.write(`${JSON.stringify({ ready: true, queues: config.workerQueues })}\n`);
    log.info({ queues: config.workerQueues }, 'worker polls');
    await workers.done;
    log.info('worker stopped');
    process.exit(0);
  } catch (error) {
    const expected = [ConfigError, PermanentError, DatabaseSetupError].some((known) => error instanceof known);
    if (expected) refuse(error as Error);
    log.fatal({ err: error }, 'worker ended');
    process.exit(1);
  }
}

function readConfig(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (error instanceof ConfigError) refuse(error);
    throw error;
  }
}

/** What a person at the terminal can mend is said in words. */
function refuse({ message }: Error): never {
  process.stderr.write(`worker: ${message}\n`);
  process.exit(1);
}

await main();
