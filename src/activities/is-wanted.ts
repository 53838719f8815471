import { Context } from '@temporalio/activity';
import { workflowIdOf } from '../domain/ids.ts';

/** A server that stands still must not hold up what a run has asked for. */
const ASK_MS = 2_000;

/** Whether a video's run goes on: it has not ended, and nobody has asked it to. Temporal knows at once; an activity hears later. */
export async function isWanted(videoId: string): Promise<boolean> {
  const { client } = Context.current();
  const run = await client.withDeadline(Date.now() + ASK_MS, () =>
    client.workflow.getHandle(workflowIdOf(videoId)).describe(),
  );
  return run.status.name === 'RUNNING' && run.raw.workflowExtendedInfo?.cancelRequested !== true;
}
