import type { VideoRecord } from '../domain/video-record.ts';
import type { ReadModel } from './read-model.ts';
import { tellAccepted, tellEnded } from './tell.ts';
import { describeRun, endingOf, identityOf, type AskTemporal } from '../temporal/run-record.ts';
import { isClosed } from '../temporal/run-state.ts';

/** A run that the read model knows and Temporal does not, for this long, is lost: a moment after its start it may not be found yet. */
const LOST_AFTER_MS = 60_000;

export interface ReconcileDeps {
  model: ReadModel;
  askTemporal: AskTemporal;
}

/**
 * Brings one video's row in line with Temporal, which is the truth: its end, if it has ended; its existence, if the read
 * model has never heard of it. Resolves to whether it has ended.
 */
export async function reconcile(
  { model, askTemporal }: ReconcileDeps,
  videoId: string,
  known: VideoRecord | null = null,
): Promise<boolean> {
  const run = await describeRun(askTemporal, videoId);
  if (run === null) return known !== null && reconcileLost(model, known);
  const identity = identityOf(videoId, run);
  if (!isClosed(run.status.name)) {
    if (known === null) await tellAccepted(model, identity);
    return false;
  }
  await tellEnded(model, identity, await endingOf(askTemporal, videoId, run));
  return true;
}

async function reconcileLost(model: ReadModel, known: VideoRecord): Promise<boolean> {
  if (Date.now() - Date.parse(known.createdAt) < LOST_AFTER_MS) return false;
  const message = 'Temporal has no run of this video any more: it was removed, or its server lost it.';
  await tellEnded(model, known, {
    ...{ status: 'failed', stage: known.stage, result: null, cost: known.cost },
    ...{ failure: { code: 'RUN_LOST', message, degradations: [] }, finishedAt: new Date().toISOString() },
  });
  return true;
}
