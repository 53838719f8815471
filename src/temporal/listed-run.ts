import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { searchAttributes } from './search-attributes.ts';

/** A run as Temporal's visibility lists it. */
export type RawRun = temporal.api.workflow.v1.IWorkflowExecutionInfo;

/** What a run has last said of itself in a search attribute. */
export function saidOf(run: RawRun, name: keyof typeof searchAttributes): string | undefined {
  const payload = run.searchAttributes?.indexedFields?.[name];
  return payload == null ? undefined : defaultPayloadConverter.fromPayload(payload);
}

export const isoTime = (time: RawRun['startTime']): string | null =>
  time == null ? null : new Date(Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6).toISOString();
