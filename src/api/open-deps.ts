import { loadSecret, type Config } from '../config.ts';
import { Database, databaseTarget } from '../database/database.ts';
import { createLog } from '../log.ts';
import { createReadModel } from '../read-model/read-model.ts';
import { openAssetStore, openUploadIndex } from '../store/open-asset-store.ts';
import { createClient } from '../temporal/connection.ts';
import { createDataConverter } from '../temporal/data-converter.ts';
import type { ApiDeps } from './deps.ts';
import { Metrics } from './http/metrics.ts';

export type OpenDeps = ApiDeps & { metrics: Metrics };

/** What answers are made of, from the configuration. Connects to nothing yet: it opens while Temporal and the database are away. */
export async function openDeps(
  config: Config,
  { component, shutdown }: { component: string; shutdown: AbortSignal },
): Promise<{ deps: OpenDeps; close(): Promise<void> }> {
  const log = createLog({ level: config.logLevel, component });
  const client = createClient(config.temporal, await createDataConverter(config.temporal.payloadCodecModule));
  const database = new Database(databaseTarget(config));
  const model = createReadModel(database, {
    redisUrl: config.redisUrl,
    onRedisFault: (code) => log.warn({ code }, 'Redis is away: events are found a little later'),
  });
  const store = await openAssetStore(config);
  const uploads = openUploadIndex(config, { database, assets: store });
  return {
    deps: {
      ...{ client, config, store, model, uploads, log, shutdown },
      ...{ metrics: new Metrics(), secret: loadSecret(config) },
    },
    async close() {
      model.bell.close();
      await database.close();
      // The connection ends with the process: closed under a call that waits to be retried, grpc throws into the void.
    },
  };
}
