import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { GatewayRequest } from '../live/upgrade.ts';
import { upgradesOf } from './app.ts';

/** Whoever has not sent all headers by then is not going to. */
const HEADERS_TIMEOUT_MS = 10_000;
/** The largest upload over a slow line; answers may take longer than requests. */
const REQUEST_TIMEOUT_MS = 120_000;
/**
 * Longer than those who ask again and again pause in between: a connection that ends just as its client uses it is an
 * error that the client did not earn.
 */
const KEEP_ALIVE_MS = 30_000;
/** What is still being answered gets this long when the process is told to end. */
const DRAIN_MS = 5_000;
/** Beside the live ones, which have a limit of their own. */
const MAX_CONNECTIONS = 2_000;

/** Serves the app, with every limit a socket needs. */
export async function listen(
  app: Express,
  at: { host: string; port: number; liveConnections?: number },
): Promise<{ server: Server; url: string }> {
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const upgrade = upgradesOf(app);
  const server =
    upgrade === null ? createServer(limits, app) : createServer({ ...limits, IncomingMessage: GatewayRequest }, app);
  if (upgrade !== null) server.on('upgrade', upgrade);
  server.maxConnections = MAX_CONNECTIONS + (at.liveConnections ?? 0);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  return { server, url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}` };
}

/** Stops accepting, finishes what is being answered, and cuts what takes too long. */
export async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(cut);
}
