import type { VideoRecord } from '../domain/video-record.ts';
import type { ReadModel } from './read-model.ts';
import { tellAccepted, tellEnded, tellPresent } from './tell.ts';
import { describeRun, endingOf, identityOf, restoredOf, type AskTemporal } from '../temporal/run-record.ts';
import { describedState, isClosed } from '../temporal/run-state.ts';
import { mendState } from './mend-state.ts';

export interface ReconcileDeps {
  model: ReadModel;
  askTemporal: AskTemporal;
}

/**
 * Brings one video's row in line with Temporal, which is the truth: its present run; its end, if that has ended; its
 * existence, if the read model has never heard of it. Resolves to what Temporal says of the run.
 */
export async function reconcile(
  { model, askTemporal }: ReconcileDeps,
  videoId: string,
  known: VideoRecord | null = null,
): Promise<'open' | 'ended' | 'missing'> {
  const run = await describeRun(askTemporal, videoId);
  if (run === null) return 'missing';
  const identity = identityOf(videoId, run);
  const state = describedState(run);
  if (known?.runId !== identity.runId)
    await tellPresent(model, identity, { ...state, checkpoint: restoredOf(run)?.checkpoint ?? null });
  if (!isClosed(run.status.name)) {
    if (known === null) await tellAccepted(model, identity);
    else await mendState(model.database, { ...identity, ...state });
    return 'open';
  }
  await tellEnded(model, identity, await endingOf(askTemporal, run));
  return 'ended';
}

/** Temporal has had no run of a video for so long that it will have none any more. */
export async function giveUp(model: ReadModel, known: VideoRecord): Promise<void> {
  const message = 'Temporal has no run of this video any more: it was removed, or its server lost it.';
  await tellEnded(model, known, {
    ...{ status: 'failed', stage: known.stage, result: null, cost: known.cost },
    ...{ failure: { code: 'RUN_LOST', message, degradations: [] }, finishedAt: new Date().toISOString() },
  });
}
