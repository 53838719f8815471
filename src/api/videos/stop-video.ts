import { identityOf } from '../../temporal/run-record.ts';
import type { Videos } from '../read-videos.ts';
import type { TemporalGate } from '../temporal-gate.ts';
import { alreadyFinished, cancelVideo } from './cancel-video.ts';

interface StopDeps {
  gate: TemporalGate;
  videos: Videos;
  tenant: string;
  clock: () => Date;
}

export interface StoppedVideo {
  status: 'cancelling' | 'cancelled';
  /** Null of a video that was cancelled before. */
  runId: string | null;
  /** False when somebody had asked before. */
  requested: boolean;
}

/** A person’s wish that a video end, and a note of it. @throws ApiError ALREADY_FINISHED, VIDEO_NOT_FOUND */
export async function stopVideo({ gate, videos, tenant, clock }: StopDeps, videoId: string): Promise<StoppedVideo> {
  const known = await videos.find(tenant, videoId);
  if (known != null && known.finishedAt !== null) {
    // It may have ended longer ago than Temporal remembers.
    if (known.status !== 'cancelled') throw alreadyFinished(known.status);
    return { status: known.status, runId: null, requested: false };
  }
  const { status, requested, run } = await cancelVideo(gate, videoId);
  if (requested) videos.noteCancelling(identityOf(videoId, run), clock());
  return { status, runId: run.runId, requested };
}
