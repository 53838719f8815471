import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import type { Activities } from '../../activities/index.ts';
import type { Waiting } from '../../domain/progress.ts';
import type { PendingActivity } from '../../temporal/pending-work.ts';
import { lastReport } from './heartbeat.ts';

const AWAIT_CLIP = 'awaitClip' satisfies keyof Activities;
const ClipWait = z.object({ state: z.string() });

/**
 * A run whose clips all stand in line at their provider, while nothing else is at work. How long that takes the provider
 * does not say. Null: something goes on.
 */
export async function providerQueue(
  client: Client,
  { run, work }: { run: WorkflowExecutionDescription; work: readonly PendingActivity[] },
): Promise<Waiting | null> {
  if (work.length === 0 || !work.every(({ activityType }) => activityType?.name === AWAIT_CLIP)) return null;
  const visual = run.raw.pendingChildren?.find(({ workflowId }) => workflowId?.includes('/visual'));
  const waits = await Promise.all(
    work.map((activity) =>
      lastReport(client, { activity, workflowId: visual?.workflowId ?? run.workflowId, report: ClipWait }),
    ),
  );
  return waits.every((wait) => wait?.state === 'queued') ? { reason: 'provider_queued', until: null } : null;
}
