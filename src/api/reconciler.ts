import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from '../database/errors.ts';
import { videoIdOf } from '../domain/ids.ts';
import { keptSince } from '../domain/retention.ts';
import type { Logger } from '../log.ts';
import { knownVideos, unfinishedVideos } from '../read-model/read.ts';
import type { ReadModel } from '../read-model/read-model.ts';
import { reconcile, type ReconcileDeps } from '../read-model/reconcile.ts';
import { isUnavailable, type TemporalGate } from './temporal-gate.ts';
import { GENERATE_VIDEO } from './videos/start-video.ts';

const EVERY_MS = 3_000;
const PAGE = 200;
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
  const deps: ReconcileDeps = { model, askTemporal: (ask) => gate.call(ask) };
  let closedSince = new Date(0);
  while (!signal.aborted) {
    const startedAt = clock();
    try {
      await reconcileUnfinished(deps, gate);
      await reconcileClosed(deps, gate, laterOf(closedSince, keptSince({ retentionDays, now: startedAt })));
      closedSince = new Date(startedAt.getTime() - OVERLAP_MS);
    } catch (error) {
      // Away, one or the other: the next look finds what this one missed.
      if (!(error instanceof DatabaseUnavailable) && !isUnavailable(error))
        log.error({ err: error }, 'the read model could not be compared with Temporal');
    }
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** Rows without an end whose runs are not open, and open runs without a row. */
async function reconcileUnfinished(deps: ReconcileDeps, gate: TemporalGate): Promise<void> {
  const unfinished = await unfinishedVideos(deps.model.database, PAGE * 5);
  const open = new Set<string>();
  for await (const ids of runsWhere(gate, `ExecutionStatus = 'Running'`)) for (const id of ids) open.add(id);
  for (const video of unfinished) if (!open.delete(video.id)) await reconcile(deps, video.id, video);
  const known = await knownVideos(deps.model.database, [...open]);
  for (const id of open) if (!known.has(id)) await reconcile(deps, id);
}

const laterOf = (one: Date, other: Date | null): Date => (other !== null && other > one ? other : one);

async function reconcileClosed(deps: ReconcileDeps, gate: TemporalGate, since: Date): Promise<void> {
  const closed = `ExecutionStatus != 'Running' AND CloseTime >= '${since.toISOString()}'`;
  for await (const ids of runsWhere(gate, closed)) {
    const known = await knownVideos(deps.model.database, ids);
    for (const id of ids) if (known.get(id)?.ended !== true) await reconcile(deps, id);
  }
}

async function* runsWhere(gate: TemporalGate, condition: string): AsyncGenerator<string[]> {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await gate.call(({ workflowService, options }) =>
      workflowService.listWorkflowExecutions({
        ...{ namespace: options.namespace, pageSize: PAGE, nextPageToken },
        query: `WorkflowType = '${GENERATE_VIDEO}' AND ${condition}`,
      }),
    );
    yield (page.executions ?? []).flatMap(({ execution }) => videoIdOf(execution?.workflowId ?? '') ?? []);
    nextPageToken = page.nextPageToken ?? new Uint8Array();
  } while (nextPageToken.length > 0);
}
