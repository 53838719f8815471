import type { Client } from '@temporalio/client';
import type { Config } from '../config.ts';
import type { ReadModel } from '../read-model/read-model.ts';
import type { Logger } from '../log.ts';
import type { AssetStore } from '../store/asset-store.ts';
import type { Metrics } from './http/metrics.ts';
import type { UploadIndex } from '../store/upload-index.ts';

/** What the gateway is made of. */
export interface ApiDeps {
  client: Client;
  config: Config;
  store: AssetStore;
  model: ReadModel;
  uploads: UploadIndex;
  log: Logger;
  /** Key of idempotency ids and body hashes; the same in every gateway of a deployment. */
  secret: string;
  metrics?: Metrics;
  clock?: () => Date;
  /** Aborted when the process is told to end: whoever waits for a film is answered at once. */
  shutdown?: AbortSignal;
}
