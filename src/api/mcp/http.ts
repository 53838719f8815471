import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import express, { type Express } from 'express';
import type { Logger } from '../../log.ts';
import { contextOf, requestContext } from '../http/context.ts';
import type { Metrics } from '../http/metrics.ts';
import type { McpServerFactory } from '@modelcontextprotocol/server';

/** Where the server is; the origin's name for it. */
export const MCP_PATH = '/mcp';

/** As much as the HTTP API takes of JSON, and the protocol's own words around it. */
const MAX_BODY_BYTES = 128 * 1024;

/** Who may speak to a server on this machine: a page of another site that was led here by DNS may not. */
export const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

export interface McpAppOptions {
  allowedHosts: readonly string[];
  log: Logger;
  /** Its requests count with the gateway's own, under the route `/mcp`. */
  metrics: Metrics;
  clock: () => Date;
}

/**
 * Streamable HTTP as an app: stateless, in the revision of 2026-07-28 and in those before it, so that any instance answers
 * any request and a restart loses no client.
 */
export function createMcpApp(
  factory: McpServerFactory,
  { allowedHosts, log, metrics, clock }: McpAppOptions,
): { app: Express; close(): Promise<void> } {
  const hosts = [...LOCAL_HOSTS, ...allowedHosts];
  const isHostAllowed = hostHeaderValidation(hosts);
  const isOriginAllowed = originValidation(hosts);
  const handler = createMcpHandler(factory, {
    maxRequestBodySize: MAX_BODY_BYTES,
    onerror: (error) => log.debug({ error: error.name, why: error.message }, 'an MCP request was refused'),
  });
  const serve = toNodeHandler(handler);
  const app = express();
  app.disable('x-powered-by');
  app.use(requestContext(clock));
  app.use(metrics.observe());
  app.use((req, res, next) => {
    if (isHostAllowed(req, res) && isOriginAllowed(req, res)) next();
  });
  app.all(MCP_PATH, (req, res) => {
    contextOf(res).route = MCP_PATH;
    return serve(req, res);
  });
  app.use((_req, res) => {
    const message = `Nothing is at this path: MCP is served at ${MCP_PATH}.`;
    res.status(404).json({ jsonrpc: '2.0', id: null, error: { code: -32600, message } });
  });
  return { app, close: () => handler.close() };
}
