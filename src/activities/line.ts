import { Context } from '@temporalio/activity';
import { branchWorkflowId } from '../domain/ids.ts';
import { unservedQueues } from '../temporal/listed-workers.ts';
import { inLineUntil, type PendingActivity, untakenQueues } from '../temporal/pending-work.ts';

export interface LookAtLineInput {
  videoId: string;
  attempt: number;
  branches: ('audio' | 'visual')[];
}

/** ISO times: when it was looked at, and until when any call of the branches stood in line; null: none did. */
export interface Line {
  at: string;
  until: string | null;
}

/** For one question to Temporal. */
const ASK_MS = 2_000;

/**
 * Whether a run's paid calls have waited for a slot that other films had. Temporal knows it; a branch that waits for an
 * activity cannot tell.
 */
export async function lookAtLine({ videoId, attempt, branches }: LookAtLineInput): Promise<Line> {
  const work = (
    await Promise.all(branches.map((branch) => pendingOf(branchWorkflowId(videoId, branch, attempt))))
  ).flat();
  const nowMs = Date.now();
  const untaken = untakenQueues(work, nowMs);
  const unserved = untaken.length === 0 ? [] : await ask((client) => unservedQueues(client, untaken, nowMs));
  const until = inLineUntil(work, { unserved, nowMs });
  return { at: new Date(nowMs).toISOString(), until: until === null ? null : new Date(until).toISOString() };
}

async function pendingOf(workflowId: string): Promise<PendingActivity[]> {
  const { raw } = await ask((client) => client.workflow.getHandle(workflowId).describe());
  return raw.pendingActivities ?? [];
}

function ask<Answer>(question: (client: Context['client']) => Promise<Answer>): Promise<Answer> {
  const { client } = Context.current();
  return client.withDeadline(Date.now() + ASK_MS, () => question(client));
}
