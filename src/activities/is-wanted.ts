import { Context } from '@temporalio/activity';
import { workflowIdOf } from '../domain/ids.ts';
import { SharedQuestions } from './shared-questions.ts';

type Description = Awaited<ReturnType<ReturnType<Context['client']['workflow']['getHandle']>['describe']>>;

/** The calls of a branch are bought side by side. */
const questions = new SharedQuestions<Description>();

/** A server that stands still must not hold up what a run has asked for. */
const ASK_MS = 2_000;

/**
 * Whether the run that an activity works for goes on: it has not ended, nobody has asked it to, and it is still the video's
 * own. Temporal knows at once; an activity hears later.
 */
export async function isWanted(videoId: string): Promise<boolean> {
  const { client, info } = Context.current();
  const describe = (workflowId: string, runId?: string): Promise<Description> =>
    questions.ask(`${workflowId} ${runId ?? ''}`, () =>
      client.withDeadline(Date.now() + ASK_MS, () => client.workflow.getHandle(workflowId, runId).describe()),
    );
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

const goesOn = ({ status, raw }: Description): boolean =>
  status.name === 'RUNNING' && raw.workflowExtendedInfo?.cancelRequested !== true;
