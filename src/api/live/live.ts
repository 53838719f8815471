import { LOCAL_TENANT } from '../../domain/ids.ts';
import type { Config } from '../../config.ts';
import type { Logger } from '../../log.ts';
import type { ReadModel } from '../../read-model/read-model.ts';
import type { Videos } from '../read-videos.ts';
import type { TemporalGate } from '../temporal-gate.ts';
import { Connections, type LiveFigures } from './connections.ts';
import { Notifier } from './notifier.ts';
import { StatsFeed } from './stats-feed.ts';
import { Snapshots } from './snapshots.ts';

export interface LiveOptions {
  config: Pick<Config, 'live'>;
  model: ReadModel;
  videos: Videos;
  gate: TemporalGate;
  figures: LiveFigures;
  log: Logger;
  clock: () => Date;
  shutdown: AbortSignal;
}

/** What event streams and WebSockets of one gateway share. */
export type Live = ReturnType<typeof createLive>;

export function createLive({ config, model, videos, gate, figures, log, shutdown, clock }: LiveOptions) {
  const notifier = new Notifier(model, log);
  return {
    notifier,
    connections: new Connections({ maxConnections: config.live.maxConnections, figures, shutdown }),
    snapshots: new Snapshots({ notifier, videos, gate, tenant: LOCAL_TENANT }),
    stats: new StatsFeed({ videos, clock, tenant: LOCAL_TENANT }),
    stallMs: config.live.stallMs,
  };
}
