import { QueryNotRegisteredError, type WorkflowExecutionDescription } from '@temporalio/client';
import { recordToWire } from '../../contract/record-to-wire.ts';
import type { Video } from '../../contract/video.ts';
import type { Config } from '../../config.ts';
import type { VideoRecord } from '../../domain/video-record.ts';
import { VIDEO_ID_PATTERN } from '../../domain/ids.ts';
import type { Progress } from '../../domain/progress.ts';
import { keptSince } from '../../domain/retention.ts';
import { describeRun, recordOfRun } from '../../temporal/run-record.ts';
import { unservedQueues } from '../../temporal/listed-workers.ts';
import { isWorkedOn, type PendingActivity, pendingWork, untakenQueues, waitOf } from '../../temporal/pending-work.ts';
import { isClosed } from '../../temporal/run-state.ts';
import { progressQuery } from '../../workflows/messages.ts';
import type { Videos } from '../read-videos.ts';
import { isUnavailable, type TemporalGate } from '../temporal-gate.ts';
import { notFound } from './find-run.ts';
import { providerQueue } from './provider-queue.ts';
import { renderProgress } from './render-progress.ts';

export interface ViewDeps {
  gate: TemporalGate;
  videos: Videos;
  tenant: string;
  /** What a whole answer may take. */
  deadlineMs: number;
  config: Pick<Config, 'retentionDays'>;
  clock: () => Date;
  /** Hears which run the answer is about. */
  onFound?: (runId: string) => void;
}

/**
 * How a video stands. The read model knows all that has ended; of what has not, Temporal has the last word, so that a
 * video that has just ended is never shown as running. Either of the two may be away.
 */
export async function viewVideo(deps: ViewDeps, videoId: string, urlOf: (sha256: string) => string): Promise<Video> {
  if (!VIDEO_ID_PATTERN.test(videoId)) throw notFound();
  const endsAt = Date.now() + deps.deadlineMs;
  const found = await deps.videos.find(deps.tenant, videoId);
  const known = found ?? null;
  if (known !== null) deps.onFound?.(known.runId);
  if (known !== null && known.finishedAt !== null) return endedVideo(deps, known, urlOf);

  const run = await describeRun((ask) => deps.gate.call(ask, leftUntil(endsAt)), videoId).catch((error: unknown) => {
    if (known === null || !isUnavailable(error)) throw error;
    return null;
  });
  if (run === null) {
    if (known === null) throw notFound();
    const cost = await deps.videos.costOf(known.tenant, known.id, { ended: false });
    return recordToWire(known, { urlOf, live: { waiting: null, render: null, cost } });
  }
  const pruned = isPruned(deps, run);
  if (pruned && found === null) throw notFound();
  deps.onFound?.(run.runId);
  const told = await recordOfRun((ask) => deps.gate.call(ask, leftUntil(endsAt)), videoId, run);
  // Temporal knows neither when it was first asked for nor, before its end, what it is called.
  const record = { ...told, createdAt: known?.createdAt ?? told.createdAt, title: told.title ?? known?.title ?? null };
  if (isClosed(run.status.name)) {
    if (!pruned) deps.videos.noteEnded(record);
    return endedVideo(deps, record, urlOf);
  }
  return activeVideo(deps, { run, record, known, endsAt, urlOf });
}

/** A run that was stopped before it could tell its account has one all the same: the ledger's. */
async function endedVideo(
  { videos }: ViewDeps,
  record: VideoRecord,
  urlOf: (sha256: string) => string,
): Promise<Video> {
  if (record.result !== null || record.cost !== null) return recordToWire(record, { urlOf });
  const cost = await videos.costOf(record.tenant, record.id, { ended: true });
  return recordToWire({ ...record, cost }, { urlOf });
}

/** What is left of an answer's time; the least that a call can be made in. */
const leftUntil = (endsAt: number): number => Math.max(endsAt - Date.now(), 50);

/** Temporal may keep a run's history for longer than its film is kept. */
function isPruned({ config, clock }: ViewDeps, { closeTime }: WorkflowExecutionDescription): boolean {
  const since = keptSince({ retentionDays: config.retentionDays, now: clock() });
  return since !== null && closeTime !== undefined && closeTime < since;
}

interface Active {
  run: WorkflowExecutionDescription;
  /** By Temporal. */
  record: VideoRecord;
  /** By the read model. */
  known: VideoRecord | null;
  /** When the answer is due, in ms since 1970. */
  endsAt: number;
  urlOf: (sha256: string) => string;
}

async function activeVideo(deps: ViewDeps, { run, record, known, endsAt, urlOf }: Active): Promise<Video> {
  const work = await pendingWork((ask) => deps.gate.call(ask, leftUntil(endsAt)), run);
  const worked = isWorkedOn(work, Date.now());
  // What an earlier run of a restored video has told is no news of this one.
  const told = known?.runId === run.runId ? known.progress : null;
  const [progress, render, cost] = await Promise.all([
    // What it has told is enough while it is worked on, and the read model is where Temporal is.
    worked && told !== null && told.stage === record.stage
      ? told
      : askProgress(deps.gate, run.workflowId, leftUntil(endsAt)),
    renderProgress(deps.gate.client, run),
    deps.videos.costOf(record.tenant, record.id, { ended: false }),
  ]);
  const line = worked ? null : await lineOf(deps.gate, work, leftUntil(endsAt));
  // No answer in time, yet a heartbeat: a worker lives, and is busy.
  const waiting =
    !worked && (progress === null || line === 'unserved')
      ? { reason: 'no_worker', until: null }
      : (progress?.waiting ??
        waitOf(work, Date.now()) ??
        (worked ? await providerQueue(deps.gate.client, { run, work }) : null) ??
        (line === 'served' ? { reason: 'in_line', until: null } : null));
  const { status } = record;
  const shown = {
    ...record,
    status: status === 'cancelling' ? status : (progress?.status ?? status),
    stage: progress?.stage ?? record.stage,
    progress: progress ?? told,
  };
  return recordToWire(shown, { urlOf, live: { waiting, render, cost } });
}

/**
 * Whether something is due that nobody has taken yet, and a worker serves its queue. Workers are asked for only then: the
 * rest of the time it costs nothing. Null: nothing is, or nobody can tell.
 */
async function lineOf(
  gate: TemporalGate,
  work: PendingActivity[],
  deadlineMs: number,
): Promise<'served' | 'unserved' | null> {
  const queues = untakenQueues(work, Date.now());
  if (queues.length === 0) return null;
  try {
    const unserved = await gate.call((client) => unservedQueues(client, queues, Date.now()), deadlineMs);
    return unserved.length > 0 ? 'unserved' : 'served';
  } catch (error) {
    if (isUnavailable(error)) return null;
    throw error;
  }
}

/** Null when no worker answers in time. */
async function askProgress(gate: TemporalGate, workflowId: string, deadlineMs: number): Promise<Progress | null> {
  try {
    return await gate.call((client) => client.workflow.getHandle(workflowId).query(progressQuery), deadlineMs);
  } catch (error) {
    if (isUnavailable(error) || error instanceof QueryNotRegisteredError) return null;
    throw error;
  }
}
