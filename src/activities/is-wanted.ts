import { Context } from '@temporalio/activity';
import { workflowIdOf } from '../domain/ids.ts';

/** A server that stands still must not hold up what a run has asked for. */
const ASK_MS = 2_000;

/**
 * Whether the run that an activity works for goes on: it has not ended, nobody has asked it to, and it is still the video's
 * own. Temporal knows at once; an activity hears later.
 */
export async function isWanted(videoId: string): Promise<boolean> {
  const { client, info } = Context.current();
  const endsAt = Date.now() + ASK_MS;
  const describe = (workflowId: string, runId?: string) =>
    client.withDeadline(endsAt, () => client.workflow.getHandle(workflowId, runId).describe());
  const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
  if (workflowId === workflowIdOf(videoId)) return goesOn(await describe(workflowId, runId));
  // Both at once: a purchase waits for this. The branch's own word is enough to say no.
  const asked = describe(workflowIdOf(videoId));
  asked.catch(() => {});
  const own = await describe(workflowId, runId);
  if (!goesOn(own)) return false;
  // A branch's video may have been taken up by another run, with branches of its own.
  const video = await asked;
  return goesOn(video) && video.runId === own.raw.workflowExecutionInfo?.parentExecution?.runId;
}

type Description = Awaited<ReturnType<ReturnType<Context['client']['workflow']['getHandle']>['describe']>>;

const goesOn = ({ status, raw }: Description): boolean =>
  status.name === 'RUNNING' && raw.workflowExtendedInfo?.cancelRequested !== true;
