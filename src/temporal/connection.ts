import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Config } from '../config.ts';

type TemporalSettings = Config['temporal'];

/** Address, TLS and key, as both the client's and the worker's connection take them. */
export function connectionOptions(settings: TemporalSettings) {
  return {
    address: settings.address,
    ...(settings.tls || settings.apiKey !== null ? { tls: true as const } : {}),
    ...(settings.apiKey === null ? {} : { apiKey: settings.apiKey }),
  };
}

/**
 * A server that stands still, or a line that is cut, keeps its connection: only a ping finds out. Temporal's servers take no
 * more than one in ten seconds for abuse.
 */
const PING_EVERY_MS = 15_000;
const PING_TIMEOUT_MS = 5_000;

/** gRPC waits up to two minutes between attempts by default: a server that is back would long be taken for lost. */
const MAX_RECONNECT_MS = 2_000;

/** A client that connects when first used, so that a gateway starts, and says so, while Temporal is away. */
export function createClient(settings: TemporalSettings, dataConverter: DataConverter): Client {
  const connection = Connection.lazy({
    ...connectionOptions(settings),
    channelArgs: {
      'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_MS,
      'grpc.keepalive_time_ms': PING_EVERY_MS,
      'grpc.keepalive_timeout_ms': PING_TIMEOUT_MS,
    },
  });
  return new Client({ connection, namespace: settings.namespace, dataConverter });
}
