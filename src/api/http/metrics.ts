import type { RequestHandler } from 'express';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { LiveFigures } from '../live/connections.ts';
import { answeredStatus, contextOf } from './context.ts';

/** Up to the longest `Prefer: wait`. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];
/** A scrape must not wait for a worker that is busy or gone. */
const WORKER_DEADLINE_MS = 300;

/** What the gateway knows of the workers. */
export interface WorkerFigures {
  serving(queue: string, workers: number): void;
  /** One fell silent. */
  lost(): void;
}

/** The gateway's own figures, under the names of the origin's dashboards. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter;
  readonly #seconds: Histogram;
  readonly #errors: Counter;
  readonly workers: WorkerFigures;
  readonly live: LiveFigures;

  constructor() {
    const registers = [this.#registry];
    const labelNames = ['method', 'route', 'status'];
    this.#requests = new Counter({
      name: 'mcp_bridge_requests_total',
      help: 'HTTP requests answered.',
      labelNames,
      registers,
    });
    this.#seconds = new Histogram({
      name: 'mcp_bridge_request_duration_seconds',
      help: 'Time from request to answer.',
      labelNames,
      buckets: SECONDS,
      registers,
    });
    this.#errors = new Counter({
      name: 'mcp_bridge_errors_total',
      help: 'Requests that failed by a fault of ours (5xx); a client’s own faults are in requests_total.',
      labelNames: ['code', 'route'],
      registers,
    });
    const serving = new Gauge({
      name: 'mcp_bridge_queue_workers',
      help: 'Living workers that serve a queue; 0: videos that need it wait.',
      labelNames: ['queue'],
      registers,
    });
    const lost = new Counter({
      name: 'mcp_bridge_workers_lost_total',
      help: 'Workers that fell silent without a word: killed, frozen, or cut off.',
      registers,
    });
    this.workers = { serving: (queue, workers) => serving.set({ queue }, workers), lost: () => lost.inc() };
    const open = new Gauge({
      name: 'mcp_bridge_live_connections',
      help: 'Event streams and WebSockets that are open.',
      labelNames: ['transport'],
      registers,
    });
    const dropped = new Counter({
      name: 'mcp_bridge_live_dropped_total',
      help: 'Live connections let go: their reader was too slow, or answered no ping.',
      labelNames: ['transport', 'why'],
      registers,
    });
    const refused = new Counter({
      name: 'mcp_bridge_live_refused_total',
      help: 'Live connections refused at LIVE_MAX_CONNECTIONS.',
      registers,
    });
    this.live = {
      open: (transport, count) => open.set({ transport }, count),
      dropped: (transport, why) => dropped.inc({ transport, why }),
      refused: () => refused.inc(),
    };
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Counts every request when its answer is out. */
  observe(): RequestHandler {
    return (req, res, next) => {
      res.once('close', () => {
        const { route: pattern, startedAt } = contextOf(res);
        const route = pattern ?? 'none';
        const labels = { method: req.method, route, status: String(answeredStatus(res)) };
        this.#requests.inc(labels);
        this.#seconds.observe(labels, (performance.now() - startedAt) / 1000);
        const code = res.locals['errorCode'] as string | undefined;
        if (code !== undefined && res.statusCode >= 500) this.#errors.inc({ code, route });
      });
      next();
    };
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/** GET /metrics: the gateway's figures, and the worker's where one answers on this machine. */
export function getMetrics({
  metrics,
  config,
}: {
  metrics: Metrics;
  config: { ports: { metrics: number } };
}): RequestHandler {
  return async (_req, res) => {
    const [own, workers] = await Promise.all([metrics.text(), workerMetrics(config.ports.metrics)]);
    res.set('Content-Type', metrics.contentType).send(`${own}${workers}`);
  };
}

async function workerMetrics(port: number): Promise<string> {
  if (port === 0) return '';
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/bridge-metrics`, {
      signal: AbortSignal.timeout(WORKER_DEADLINE_MS),
    });
    return answer.ok ? await answer.text() : '';
  } catch {
    // No worker here, or a busy one: the gateway's own figures are still worth having.
    return '';
  }
}
