import { WorkflowFailedError } from '@temporalio/client';
import type { Video } from '../../contract/video.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { isUnavailable, type TemporalGate } from '../temporal-gate.ts';
import { viewVideo, type ViewDeps } from './view-video.ts';

/** Each wait holds a request and a long poll. Beyond this the client is answered at once and asks again. */
const MAX_WAITS = 256;
let waits = 0;

/** The finished video, or null when it does not end before the signal fires. */
export async function awaitVideo(
  deps: ViewDeps & { signal: AbortSignal },
  videoId: string,
  urlOf: (sha256: string) => string,
): Promise<Video | null> {
  if (waits >= MAX_WAITS) return null;
  waits++;
  try {
    return (await hasEnded(deps.gate, videoId, deps.signal)) ? await viewVideo(deps, videoId, urlOf) : null;
  } catch (error) {
    // It was accepted: an outage while we wait does not take that back.
    if (isUnavailable(error)) return null;
    throw error;
  } finally {
    waits--;
  }
}

/** By Temporal's own long poll, which ends with the run. It has no deadline but the signal. */
async function hasEnded({ client }: TemporalGate, videoId: string, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const ended = client
    .withAbortSignal(signal, () => client.workflow.getHandle(workflowIdOf(videoId)).result())
    .then(
      () => true,
      (error: unknown) => error instanceof WorkflowFailedError,
    );
  const aborted = new Promise<false>((resolve) =>
    signal.addEventListener('abort', () => resolve(false), { once: true }),
  );
  return Promise.race([ended, aborted]);
}
