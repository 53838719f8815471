import { readConfig } from './config.ts';
import { startSandbox } from './server.ts';

try {
  const sandbox = await startSandbox(readConfig(process.env));
  process.stdout.write(`${JSON.stringify({ listening: sandbox.url })}\n`);
  const stop = () => void sandbox.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
