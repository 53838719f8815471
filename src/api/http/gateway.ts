import { setMaxListeners } from 'node:events';
import type { ApiDeps } from '../deps.ts';
import { createLive } from '../live/live.ts';
import { LOCAL_TENANT } from '../../domain/ids.ts';
import { Videos } from '../read-videos.ts';
import { TemporalGate } from '../temporal-gate.ts';
import { Admission } from '../videos/admission.ts';
import { countRuns } from '../videos/list-runs.ts';
import type { StartedVideo } from '../videos/start-video.ts';
import { Metrics } from './metrics.ts';

/** What the routes share: the dependencies, with every default filled in. */
export type Gateway = ReturnType<typeof createGateway>;

export function createGateway(deps: ApiDeps) {
  const deadlineMs = deps.config.statusDeadlineMs;
  const shutdown = deps.shutdown ?? new AbortController().signal;
  // Every request that waits listens to it.
  setMaxListeners(0, shutdown);
  const gate = new TemporalGate(deps.client, deadlineMs);
  const videos = new Videos(deps.model, deps.log);
  const clock = deps.clock ?? (() => new Date());
  const metrics = deps.metrics ?? new Metrics();
  const admission = new Admission({
    limit: deps.config.maxVideosUnderWay,
    count: async () => (await videos.countUnderWay(LOCAL_TENANT)) ?? countRuns(gate, LOCAL_TENANT),
  });
  return {
    ...deps,
    clock,
    shutdown,
    deadlineMs,
    ...{ gate, videos, metrics, admission },
    live: createLive({ ...deps, ...{ gate, videos, shutdown, clock }, figures: metrics.live }),
    startsUnderWay: new Map<string, Promise<StartedVideo>>(),
    startedAt: Date.now(),
  };
}
