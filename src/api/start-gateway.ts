import { loadSecret, type Config } from '../config.ts';
import { createLog } from '../log.ts';
import { Database, databaseTarget } from '../database/database.ts';
import { createReadModel } from '../read-model/read-model.ts';
import { openAssetStore, openUploadIndex } from '../store/open-asset-store.ts';
import { createClient } from '../temporal/connection.ts';
import { createDataConverter } from '../temporal/data-converter.ts';
import { createApp } from './http/app.ts';
import { queuesOfAVideo } from './http/check-workers.ts';
import { Metrics } from './http/metrics.ts';
import { drain, listen } from './http/server.ts';
import { keepReconciled } from './reconciler.ts';
import { TemporalGate } from './temporal-gate.ts';
import { watchWorkers } from './worker-watch.ts';

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
  const database = new Database(databaseTarget(config));
  const model = createReadModel(database, {
    redisUrl: config.redisUrl,
    onRedisFault: (code) => log.warn({ code }, 'Redis is away: events are found a little later'),
  });
  const store = await openAssetStore(config);
  const metrics = new Metrics();
  const app = createApp({
    client,
    metrics,
    model,
    config,
    store,
    uploads: openUploadIndex(config, { database, assets: store }),
    log,
    secret: loadSecret(config),
    shutdown: stopping.signal,
  });
  const { server, url } = await listen(app, { host: config.gatewayHost, port: config.ports.gateway });
  const gate = new TemporalGate(client, config.statusDeadlineMs);
  const { retentionDays } = config;
  const reconciling = keepReconciled({ model, gate, retentionDays, log, signal: stopping.signal });
  const queues = queuesOfAVideo(config);
  const watching = watchWorkers({ gate, queues, figures: metrics.workers, log, signal: stopping.signal });
  return {
    url,
    async stop() {
      log.info('gateway stopping');
      stopping.abort();
      await drain(server);
      await Promise.all([reconciling, watching]);
      model.bell.close();
      await database.close();
      // The connection ends with the process: closed under a call that waits to be retried, grpc throws into the void.
    },
  };
}
