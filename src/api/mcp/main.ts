import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { gatewayUrlOf, loadConfig } from '../../config.ts';
import { createGateway } from '../http/gateway.ts';
import { openDeps } from '../open-deps.ts';
import { explain } from '../explain.ts';
import { serveMcpStdio, startMcpHttp } from './start-mcp.ts';

/**
 * The MCP server as a process of its own: over HTTP, with one line on stdout when it listens, until SIGTERM; with `--stdio`
 * over stdin and stdout, until the client closes them.
 */
async function main(isStdio: boolean): Promise<void> {
  const config = loadConfig();
  const stopping = new AbortController();
  const { deps, close } = await openDeps(config, { component: 'mcp', shutdown: stopping.signal });
  const gateway = createGateway(deps);
  const gatewayUrl = gatewayUrlOf(config);
  const ended = [once(process, 'SIGTERM'), once(process, 'SIGINT')];
  if (isStdio) ended.push(once(process.stdin, 'close'));
  const server = isStdio ? serveMcpStdio(gateway, { gatewayUrl }) : await startMcpHttp(gateway, { gatewayUrl });
  // In stdio, stdout belongs to the protocol.
  if ('url' in server) process.stdout.write(`${JSON.stringify({ listening: server.url })}\n`);
  await Promise.race(ended);
  stopping.abort();
  await server.stop();
  await close();
}

try {
  const { values } = parseArgs({ options: { stdio: { type: 'boolean', default: false } }, strict: false });
  await main(values.stdio === true);
  process.exit(0);
} catch (error) {
  process.stderr.write(`mcp: ${explain(error, 'MCP_SERVER_PORT')}\n`);
  process.exit(1);
}
