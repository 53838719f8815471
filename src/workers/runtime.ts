import { createServer } from 'node:net';
import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';
import type { Logger } from '../log.ts';

/** Temporal's own lines go into our log, its metrics to a port of their own; workers report load and version. */
export async function installRuntime(log: Logger): Promise<{ sdkMetricsPort: number }> {
  const sdkMetricsPort = await freePort();
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => write(log, entry)),
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      metrics: { prometheus: { bindAddress: `127.0.0.1:${sdkMetricsPort}` } },
    },
    workerHeartbeatInterval: '10s',
    // The process decides about signals: see main.ts.
    shutdownSignals: [],
  });
  return { sdkMetricsPort };
}

function write(log: Logger, { level, message, meta }: LogEntry): void {
  const fields = Object.fromEntries(Object.entries(meta ?? {}).filter(([, value]) => typeof value !== 'symbol'));
  const name = ({ TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const)[level];
  log[name](fields, message);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
