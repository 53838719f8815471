import { loadConfig } from '../config.ts';
import { explain } from './explain.ts';
import { startGateway } from './start-gateway.ts';

/** The gateway as a process of its own: one line on stdout when it listens, an end without loss on SIGTERM. */
async function main(): Promise<void> {
  const gateway = await startGateway(loadConfig());
  process.stdout.write(`${JSON.stringify({ listening: gateway.url })}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await gateway.stop();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`gateway: ${explain(error, 'GATEWAY_PORT')}\n`);
  process.exit(1);
}
