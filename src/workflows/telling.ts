import { proxySinks, type Sinks } from '@temporalio/workflow';
import type { RunReport } from '../domain/video-event.ts';

/**
 * How a run tells the read model of itself. A sink leaves nothing in the history and waits for nothing: what is lost with
 * a worker is in the next report, or found by whoever compares the read model with Temporal.
 */
export interface TellingSinks extends Sinks {
  readModel: { hear(report: RunReport): void };
}

export const { readModel } = proxySinks<TellingSinks>();
