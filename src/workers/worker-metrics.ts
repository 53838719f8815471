import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { fetch } from 'undici';
import type { Channel } from '../domain/service.ts';
import type { BreakerReport, BreakerState } from '../domain/breaker-state.ts';

const STATE_VALUES: Record<BreakerState, number> = { closed: 0, open: 1, half_open: 2 };

/** The worker's own figures; names the gateway does not use, so that it can show both in one answer. */
export class WorkerMetrics {
  readonly registry = new Registry();
  readonly active = new Gauge({
    name: 'mcp_bridge_parallel_tasks_active',
    help: 'Activities under way.',
    labelNames: ['queue'],
    registers: [this.registry],
  });
  readonly seconds = new Histogram({
    name: 'mcp_bridge_activity_duration_seconds',
    help: 'Time an activity attempt took.',
    labelNames: ['activity'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160],
    registers: [this.registry],
  });
  readonly failures = new Counter({
    name: 'mcp_bridge_activity_failures_total',
    help: 'Activity attempts that failed.',
    labelNames: ['activity'],
    registers: [this.registry],
  });

  readonly draftFallbacks = new Counter({
    name: 'mcp_bridge_draft_fallbacks_total',
    help: 'Drafts that were made another way (`to`) than the first that is configured (`from`).',
    labelNames: ['from', 'to'],
    registers: [this.registry],
  });

  readonly webhooks = new Counter({
    name: 'mcp_bridge_webhook_attempts_total',
    help: 'Attempts at receivers of webhooks: delivered, failed (sent again), or dead (a dead letter now).',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  readonly rates = new Gauge({
    name: 'mcp_bridge_queue_rate_limit',
    help: 'Tasks a second that a queue is held to, since its provider refused more; absent without a limit.',
    labelNames: ['queue'],
    registers: [this.registry],
  });

  readonly fallbacks = new Counter({
    name: 'mcp_bridge_channel_fallbacks_total',
    help: 'Assets bought over another channel than the first, by the channel that was passed over and why.',
    labelNames: ['purpose', 'channel', 'served', 'why'],
    registers: [this.registry],
  });

  countFallback(labels: { purpose: string; channel: Channel; served: Channel; why: string }): void {
    this.fallbacks.inc(labels);
  }

  showRate(queue: string, perSecond: number | null): void {
    if (perSecond === null) this.rates.remove({ queue });
    else this.rates.set({ queue }, perSecond);
  }

  /** Asked at every scrape: a breaker that is open becomes half open by time alone. */
  showBreakers(report: () => BreakerReport[]): void {
    new Gauge({
      name: 'mcp_bridge_circuit_breaker_state',
      help: 'Circuit breakers of this worker: 0 closed, 1 open, 2 half open.',
      labelNames: ['service'],
      registers: [this.registry],
      collect() {
        for (const { name, state } of report()) this.set({ service: name }, STATE_VALUES[state]);
      },
    });
  }
}

/** `/bridge-metrics`: our own lines. `/metrics`: these and the Temporal SDK's, which it serves on a port of its own. */
export function serveMetrics(
  metrics: WorkerMetrics,
  options: { host: string; port: number; sdkPort: number; onError: (error: Error) => void },
): Server {
  const server = createServer((request, response) => {
    void answer(request.url === '/metrics').then((text) => {
      response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text);
    });
  });
  const answer = async (withSdk: boolean): Promise<string> => {
    const own = await metrics.registry.metrics();
    return withSdk ? own + (await sdkLines(options.sdkPort)) : own;
  };
  // A second worker on the same machine works without metrics rather than not at all.
  server.on('error', options.onError);
  server.listen(options.port, options.host);
  server.unref();
  return server;
}

async function sdkLines(port: number): Promise<string> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(500) })).text();
  } catch {
    return '';
  }
}
