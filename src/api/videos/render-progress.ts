import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { ActivitySerializationContext, Payload } from '@temporalio/common';
import { z } from 'zod';
import type { Activities } from '../../activities/index.ts';
import { RenderProgress } from '../../domain/progress.ts';

const RENDER_VIDEO = 'renderVideo' satisfies keyof Activities;

/** The part of a worker's heartbeat that is the activity's own report; beside it stands what retries need. */
const RenderBeat = z.object({ progress: RenderProgress });

/**
 * How far the render under way is, from its last heartbeat: Temporal keeps it, so nobody need be asked. Null while no
 * film is being rendered, before the first report, and when the report comes from a worker of another version.
 */
export async function renderProgress(
  client: Client,
  run: WorkflowExecutionDescription,
): Promise<RenderProgress | null> {
  const activity = run.raw.pendingActivities?.find(({ activityType }) => activityType?.name === RENDER_VIDEO);
  const details = activity?.heartbeatDetails?.payloads?.[0];
  if (details === undefined) return null;
  const context: ActivitySerializationContext = {
    type: 'activity',
    namespace: client.options.namespace,
    workflowId: run.workflowId,
    ...(activity?.activityId == null ? {} : { activityId: activity.activityId }),
    isLocal: false,
  };
  // A number for people to watch: one that cannot be read is no reason to refuse the whole answer.
  const beat = RenderBeat.safeParse(await decoded(client, details, context).catch(() => null));
  return beat.success ? beat.data.progress : null;
}

/** `describe` leaves heartbeats as they travelled: the last codec was the last to encode. @throws whatever a codec does */
async function decoded(client: Client, payload: Payload, context: ActivitySerializationContext): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let payloads = [payload];
  for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads, context);
  const [plain] = payloads;
  return plain === undefined ? undefined : payloadConverter.fromPayload(plain, context);
}
