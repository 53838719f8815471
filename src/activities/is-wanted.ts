import { Context } from '@temporalio/activity';
import { workflowIdOf } from '../domain/ids.ts';

/** Whether a video's run goes on: it has not ended, and nobody has asked it to. Temporal knows at once; an activity hears later. */
export async function isWanted(videoId: string): Promise<boolean> {
  const run = await Context.current().client.workflow.getHandle(workflowIdOf(videoId)).describe();
  return run.status.name === 'RUNNING' && run.raw.workflowExtendedInfo?.cancelRequested !== true;
}
