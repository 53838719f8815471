import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from '../database/errors.ts';
import { videoIdOf } from '../domain/ids.ts';
import { keptSince } from '../domain/retention.ts';
import type { VideoRecord } from '../domain/video-record.ts';
import type { Logger } from '../log.ts';
import { knownVideos, unfinishedVideos } from '../read-model/read.ts';
import type { ReadModel } from '../read-model/read-model.ts';
import { giveUp, reconcile, type ReconcileDeps } from '../read-model/reconcile.ts';
import { isoTime, saidOf, type RawRun } from '../temporal/listed-run.ts';
import { isUnavailable, type TemporalGate } from './temporal-gate.ts';
import { GENERATE_VIDEO } from './videos/start-video.ts';

const EVERY_MS = 3_000;
const PAGE = 200;
/** A run that Temporal does not have for this long is lost: not a moment after its start, nor while it is moved. */
const LOST_AFTER_MS = 5 * 60_000;
/** Temporal's list lags a second or so behind its runs: what closed this long before the last look is looked at again. */
const OVERLAP_MS = 60_000;

export interface ReconcilerOptions {
  model: ReadModel;
  gate: TemporalGate;
  /** What ended longer ago has been pruned, or will be; 0: nothing is. */
  retentionDays: number;
  log: Logger;
  signal: AbortSignal;
  clock?: () => Date;
}

/**
 * Compares the read model with Temporal, again and again: runs that were terminated or timed out tell nothing of their
 * end, workers die before they could tell, and a database that was away, or comes from a backup, has missed things.
 * Every gateway does it: twice changes nothing.
 */
export async function keepReconciled(options: ReconcilerOptions): Promise<void> {
  const { model, gate, retentionDays, log, signal, clock = () => new Date() } = options;
  const deps: Deps = { model, gate, log, askTemporal: (ask) => gate.call(ask), missing: new Map() };
  let closedSince = new Date(0);
  while (!signal.aborted) {
    const startedAt = clock();
    try {
      await reconcileUnfinished(deps);
      await reconcileClosed(deps, laterOf(closedSince, keptSince({ retentionDays, now: startedAt })));
      closedSince = new Date(startedAt.getTime() - OVERLAP_MS);
    } catch (error) {
      // Away, one or the other: the next look finds what this one missed. A database that comes back may come from a backup.
      if (error instanceof DatabaseUnavailable) closedSince = new Date(0);
      else if (!isUnavailable(error)) log.error({ err: error }, 'the read model could not be compared with Temporal');
    }
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}

interface Deps extends ReconcileDeps {
  gate: TemporalGate;
  log: Logger;
  /** Since when Temporal has had no run of a video that should have one. */
  missing: Map<string, number>;
}

/** Rows without an end whose runs are not open or say otherwise, and open runs without a row. */
async function reconcileUnfinished(deps: Deps): Promise<void> {
  const unfinished = await unfinishedVideos(deps.model.database, PAGE * 5);
  const open = new Map<string, ListedRun>();
  for await (const runs of runsWhere(deps.gate, `ExecutionStatus = 'Running'`))
    for (const run of runs) open.set(run.id, run);
  const isAnyOpen = open.size > 0;
  for (const video of unfinished) {
    const run = open.get(video.id);
    open.delete(video.id);
    if (run?.runId === video.runId && run.state === `${video.status} ${video.stage}`) deps.missing.delete(video.id);
    else await one(deps, video.id, () => compare(deps, video, { isAnyOpen }));
  }
  await reconcileUntold(deps, [...open.values()]);
}

/** Runs of which the read model does not know that they are there, or that they have ended. */
async function reconcileUntold(deps: Deps, runs: ListedRun[]): Promise<void> {
  const known = await knownVideos(
    deps.model.database,
    runs.map(({ id }) => id),
  );
  for (const run of runs) {
    const row = known.get(run.id);
    // Of a video that was restored, its earlier runs are listed too.
    const isKnown = row !== undefined && (row.runId === run.runId ? row.ended : run.startedAt <= row.runStartedAt);
    if (!isKnown) await one(deps, run.id, () => reconcile(deps, run.id));
  }
}

async function compare(deps: Deps, video: VideoRecord, { isAnyOpen }: { isAnyOpen: boolean }): Promise<void> {
  const { model, missing } = deps;
  // A Temporal that knows nothing at all is the wrong one, or a new one: nothing is given up on its word.
  if ((await reconcile(deps, video.id, video)) !== 'missing' || !isAnyOpen) {
    missing.delete(video.id);
    return;
  }
  const since = missing.get(video.id) ?? Date.now();
  missing.set(video.id, since);
  if (Date.now() - since < LOST_AFTER_MS) return;
  missing.delete(video.id);
  await giveUp(model, video);
}

/** What cannot be read of one run keeps nobody from looking at the others. */
async function one({ log }: Deps, videoId: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof DatabaseUnavailable || isUnavailable(error)) throw error;
    log.error({ err: error, videoId }, 'a video could not be compared with Temporal');
  }
}

const laterOf = (one: Date, other: Date | null): Date => (other !== null && other > one ? other : one);

async function reconcileClosed(deps: Deps, since: Date): Promise<void> {
  const closed = `ExecutionStatus != 'Running' AND CloseTime >= '${since.toISOString()}'`;
  for await (const runs of runsWhere(deps.gate, closed)) await reconcileUntold(deps, runs);
}

async function* runsWhere(gate: TemporalGate, condition: string): AsyncGenerator<ListedRun[]> {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await gate.call(({ workflowService, options }) =>
      workflowService.listWorkflowExecutions({
        ...{ namespace: options.namespace, pageSize: PAGE, nextPageToken },
        query: `WorkflowType = '${GENERATE_VIDEO}' AND ${condition}`,
      }),
    );
    yield (page.executions ?? []).flatMap(listedRun);
    nextPageToken = page.nextPageToken ?? new Uint8Array();
  } while (nextPageToken.length > 0);
}

interface ListedRun {
  /** The video's. */
  id: string;
  runId: string;
  startedAt: string;
  /** Status and stage, as the run has last said of itself. */
  state: string;
}

function listedRun(run: RawRun): ListedRun[] {
  const id = videoIdOf(run.execution?.workflowId ?? '');
  if (id === null) return [];
  const state = `${saidOf(run, 'status')} ${saidOf(run, 'stage')}`;
  return [{ id, runId: run.execution?.runId ?? '', startedAt: isoTime(run.startTime) ?? '', state }];
}
