import { Agent } from 'undici';
import type { PoolSettings } from '../domain/config-files.ts';

export interface PoolLimits {
  /** Open sockets to each origin; further requests wait in line. */
  maxConnections: number;
  /** Until a socket is ready to be written to, TLS included. */
  connectionTimeoutMs: number;
  /** Longest silence while waiting for an answer. Paid requests set their own, longer one. */
  readTimeoutMs: number;
}

/** The connections of one process to one API. `close` lets what is under way finish. */
export interface ServicePool {
  readonly agent: Agent;
  close(): Promise<void>;
}

/** One of `resource_pools`, whose times are seconds. */
export const limitsOf = ({ max_connections, connection_timeout, read_timeout }: PoolSettings): PoolLimits => ({
  maxConnections: max_connections,
  connectionTimeoutMs: connection_timeout * 1000,
  readTimeoutMs: read_timeout * 1000,
});

/** One pool for each API, so that a slow one cannot take the sockets of another. */
export function createPool({ maxConnections, connectionTimeoutMs, readTimeoutMs }: PoolLimits): ServicePool {
  const agent = new Agent({
    connections: maxConnections,
    // One request a socket: with pipelining, a cut connection would leave several purchases in doubt.
    pipelining: 1,
    connect: { timeout: connectionTimeoutMs },
    headersTimeout: readTimeoutMs,
    bodyTimeout: readTimeoutMs,
  });
  return { agent, close: () => agent.close() };
}
