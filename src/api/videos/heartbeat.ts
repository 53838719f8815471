import type { Client } from '@temporalio/client';
import type { ActivitySerializationContext, Payload } from '@temporalio/common';
import { z } from 'zod';
import type { PendingActivity } from '../../temporal/pending-work.ts';

/**
 * What an activity under way has last said of itself, beside what retries need. Null before its first report, and when
 * that comes from a worker of another version: it is for people to watch, and no reason to refuse an answer.
 */
export async function lastReport<T>(
  client: Client,
  { activity, workflowId, report }: { activity: PendingActivity; workflowId: string; report: z.ZodType<T> },
): Promise<T | null> {
  const details = activity.heartbeatDetails?.payloads?.[0];
  if (details === undefined) return null;
  const context: ActivitySerializationContext = {
    type: 'activity',
    namespace: client.options.namespace,
    workflowId,
    ...(activity.activityId == null ? {} : { activityId: activity.activityId }),
    isLocal: false,
  };
  const beat = z.object({ progress: report }).safeParse(await decoded(client, details, context).catch(() => null));
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
