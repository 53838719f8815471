import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Activities } from '../../activities/index.ts';
import { RenderProgress } from '../../domain/progress.ts';
import { lastReport } from './heartbeat.ts';

/** The film's render, and what is encoded of it before all pictures are there. */
const RENDERS: readonly string[] = ['renderVideo', 'encodeSegments'] satisfies (keyof Activities)[];

/**
 * How far the render under way is, from its last heartbeat: Temporal keeps it, so nobody need be asked. Null while no
 * film is being rendered, before the first report, and when the report comes from a worker of another version.
 */
export async function renderProgress(
  client: Client,
  run: WorkflowExecutionDescription,
): Promise<RenderProgress | null> {
  const activity = run.raw.pendingActivities?.find(({ activityType }) => RENDERS.includes(activityType?.name ?? ''));
  if (activity === undefined) return null;
  return lastReport(client, { activity, workflowId: run.workflowId, report: RenderProgress });
}
