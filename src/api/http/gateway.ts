import { setMaxListeners } from 'node:events';
import type { ApiDeps } from '../deps.ts';
import { EventTail } from '../event-tail.ts';
import { Videos } from '../read-videos.ts';
import { TemporalGate } from '../temporal-gate.ts';
import type { StartedVideo } from '../videos/start-video.ts';
import { Metrics } from './metrics.ts';

/** What the routes share: the dependencies, with every default filled in. */
export type Gateway = ReturnType<typeof createGateway>;

export function createGateway(deps: ApiDeps) {
  const deadlineMs = deps.config.statusDeadlineMs;
  const shutdown = deps.shutdown ?? new AbortController().signal;
  // Every open stream listens to it.
  setMaxListeners(0, shutdown);
  return {
    ...deps,
    clock: deps.clock ?? (() => new Date()),
    shutdown,
    deadlineMs,
    gate: new TemporalGate(deps.client, deadlineMs),
    videos: new Videos(deps.model, deps.log),
    tail: new EventTail({ ...deps.model, log: deps.log }),
    metrics: deps.metrics ?? new Metrics(),
    startsUnderWay: new Map<string, Promise<StartedVideo>>(),
    startedAt: Date.now(),
  };
}
