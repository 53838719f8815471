import type { Config } from '../config.ts';
import { createApp } from './http/app.ts';
import { queuesOfAVideo } from './http/check-workers.ts';
import { createGateway } from './http/gateway.ts';
import { drain, listen } from './http/server.ts';
import { openDeps, type OpenDeps } from './open-deps.ts';
import { keepReconciled } from './reconciler.ts';
import { keepWebhooksStarted } from './webhook-starter.ts';
import { TemporalGate } from './temporal-gate.ts';
import { watchWorkers } from './worker-watch.ts';

export interface RunningGateway {
  url: string;
  /** Finishes what is being answered, and stops listening. */
  stop(): Promise<void>;
}

/** Builds the gateway from its configuration and listens. It starts while Temporal is away, and says so in /health. */
export async function startGateway(config: Config): Promise<RunningGateway> {
  const stopping = new AbortController();
  const { deps, close } = await openDeps(config, { component: 'gateway', shutdown: stopping.signal });
  const { client, model, metrics, log } = deps;
  const { server, url } = await listen(createApp(deps), {
    ...{ host: config.gatewayHost, port: config.ports.gateway },
    liveConnections: config.live.maxConnections,
  });
  const gatewayUrl = config.publicUrl ?? url;
  const mcp = config.mcp.inGateway ? await startMcp(deps, gatewayUrl) : null;
  const gate = new TemporalGate(client, config.statusDeadlineMs);
  const { retentionDays } = config;
  const reconciling = keepReconciled({ model, gate, retentionDays, log, signal: stopping.signal });
  const { retrySeconds } = config.webhooks;
  const telling = keepWebhooksStarted({ database: model.database, gate, retrySeconds, log, signal: stopping.signal });
  const queues = queuesOfAVideo(config);
  const watching = watchWorkers({ gate, queues, figures: metrics.workers, log, signal: stopping.signal });
  return {
    url,
    async stop() {
      log.info('gateway stopping');
      stopping.abort();
      await Promise.all([drain(server), mcp?.stop()]);
      await Promise.all([reconciling, telling, watching]);
      await close();
    },
  };
}

/** Loaded where it is wanted: a gateway by itself does without the protocol's library. */
async function startMcp(deps: OpenDeps, gatewayUrl: string): Promise<{ stop(): Promise<void> }> {
  const { startMcpHttp } = await import('./mcp/start-mcp.ts');
  return startMcpHttp(createGateway(deps), { gatewayUrl });
}
