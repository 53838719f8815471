import { loadSecret, type Config } from '../config.ts';
import { createLog } from '../log.ts';
import { openAssetStore, openUploadIndex } from '../store/open-asset-store.ts';
import { createClient } from '../temporal/connection.ts';
import { createDataConverter } from '../temporal/data-converter.ts';
import { createApp } from './http/app.ts';
import { drain, listen } from './http/server.ts';

export interface RunningGateway {
  url: string;
  /** Finishes what is being answered, and stops listening. */
  stop(): Promise<void>;
}

/** Builds the gateway from its configuration and listens. It starts while Temporal is away, and says so in /health. */
export async function startGateway(config: Config): Promise<RunningGateway> {
  const log = createLog({ level: config.logLevel, component: 'gateway' });
  const client = createClient(config.temporal, await createDataConverter(config.temporal.payloadCodecModule));
  const stopping = new AbortController();
  const app = createApp({
    client,
    config,
    store: await openAssetStore(config),
    uploads: await openUploadIndex(config),
    log,
    secret: loadSecret(config),
    shutdown: stopping.signal,
  });
  const { server, url } = await listen(app, { host: config.gatewayHost, port: config.ports.gateway });
  return {
    url,
    async stop() {
      log.info('gateway stopping');
      stopping.abort();
      await drain(server);
      // The connection ends with the process: closed under a call that waits to be retried, grpc throws into the void.
    },
  };
}
