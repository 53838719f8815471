import { ConfigError, loadConfig } from '../config.ts';
import { PermanentError } from '../domain/errors.ts';
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

/** What a person at the terminal can do about it. */
function explain(error: unknown): string {
  const { code, port } = error as { code?: string; port?: number };
  if (error instanceof ConfigError || error instanceof PermanentError) return error.message;
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Set GATEWAY_PORT to a free one (0 finds one).`;
  if (code === 'EACCES') return `Port ${port} may not be used. Set GATEWAY_PORT to one above 1023.`;
  return error instanceof Error ? (error.stack ?? error.message) : 'unknown fault';
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`gateway: ${explain(error)}\n`);
  process.exit(1);
}
