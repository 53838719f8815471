import type { Client } from '@temporalio/client';
import type { GenerateVideoInput } from '../src/domain/generate-video.ts';
import { workflowIdOf } from '../src/domain/ids.ts';

/** What a run's history holds of an input: JSON, where no codec is configured. */
export const readPayload = <T>(payload: { data?: Uint8Array | null } | null | undefined): T =>
  JSON.parse(Buffer.from(payload?.data ?? []).toString()) as T;

/** What the gateway has started a video's run with. */
export async function startedWith(client: Client, videoId: string): Promise<GenerateVideoInput> {
  const { events = [] } = await client.workflow.getHandle(workflowIdOf(videoId)).fetchHistory();
  return readPayload(events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]);
}
