import type { Client } from '@temporalio/client';

/** A run that Temporal goes on with as soon as there is a worker. */
export interface OpenRun {
  workflowId: string;
  runId: string;
  startedAt: string;
}

const ASK_MS = 3_000;
/** Branches lie below their video: `video-<id>/audio/1`. */
const OURS = 'video-';

/** Runs of videos and their branches that are open. @throws Error when Temporal does not answer within 3 s. */
export async function openRuns(client: Client): Promise<OpenRun[]> {
  return inTime(client, async () => {
    const found: OpenRun[] = [];
    for await (const { workflowId, runId, startTime } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
      if (workflowId.startsWith(OURS)) found.push({ workflowId, runId, startedAt: startTime.toISOString() });
    return found;
  });
}

/**
 * Ends them without asking a worker. A cancel would not do: an activity that waits for its next attempt may be handed out,
 * and buy, before its run hears of it.
 */
export async function terminateRuns(client: Client, runs: OpenRun[], reason: string): Promise<void> {
  for (const { workflowId, runId } of runs)
    await inTime(client, () => client.workflow.getHandle(workflowId, runId).terminate(reason)).catch(ignoreEnded);
}

/** By itself, or with its parent. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof Error && error.name === 'WorkflowNotFoundError')) throw error;
}

async function inTime<T>(client: Client, ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // gRPC keeps its deadline only once a call is on a channel; the clock here holds always.
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('Temporal did not answer in time')), ASK_MS);
  });
  const answer = client.withDeadline(Date.now() + ASK_MS, ask);
  answer.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
