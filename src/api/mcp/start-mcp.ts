import { readFileSync } from 'node:fs';
import path from 'node:path';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Config } from '../../config.ts';
import type { Gateway } from '../http/gateway.ts';
import { drain, listen } from '../http/server.ts';
import { createMcpApp, MCP_PATH } from './http.ts';
import { createMcpServer } from './mcp-server.ts';

/** The MCP server over the gateway's own parts, `gatewayUrl` being where assets are downloaded. */
export async function startMcpHttp(
  gateway: Gateway,
  { gatewayUrl }: { gatewayUrl: string },
): Promise<{ url: string; stop(): Promise<void> }> {
  const { config } = gateway;
  const { app, close } = createMcpApp(factoryOf(gateway, gatewayUrl), {
    ...gateway,
    allowedHosts: config.mcp.allowedHosts,
  });
  const { server, url } = await listen(app, { host: config.mcp.host, port: config.ports.mcp });
  return { url: `${url}${MCP_PATH}`, stop: () => Promise.all([close(), drain(server)]).then(() => {}) };
}

/** The same over stdin and stdout, until the client closes them. */
export function serveMcpStdio(gateway: Gateway, { gatewayUrl }: { gatewayUrl: string }): { stop(): Promise<void> } {
  const onerror = ({ name, message }: Error) => gateway.log.warn({ error: name, why: message }, 'MCP over stdio');
  const handle = serveStdio(factoryOf(gateway, gatewayUrl), { onerror });
  return { stop: () => handle.close() };
}

function factoryOf(gateway: Gateway, gatewayUrl: string) {
  const base = gatewayUrl.replace(/\/+$/, '');
  const urlOf = (sha256: string): string => `${base}/api/v1/assets/${sha256}`;
  const version = versionOf(gateway.config);
  return () => createMcpServer({ gateway, urlOf }, { version });
}

const versionOf = ({ projectDir }: Config): string =>
  (JSON.parse(readFileSync(path.join(projectDir, 'package.json'), 'utf8')) as { version: string }).version;
