import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

/** The bundler tells every module it has seen, and a refused replay is reported at length: noise where it is expected. */
export const quietLogger = new DefaultLogger('ERROR');

/** Before the first replay of a process: its runtime cannot be changed later. */
export function quietRuntime(): void {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: quietLogger, telemetryOptions: { logging: { filter } } });
}
