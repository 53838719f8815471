import { meaningOf } from '../domain/error-table.ts';
import type { Cost } from '../domain/ledger-line.ts';
import type { RenderProgress, Waiting } from '../domain/progress.ts';
import type { VideoRecord } from '../domain/video-record.ts';
import { costToWire, degradationToWire, progressToWire, resultToWire } from './to-wire.ts';
import type { Video, VideoSummary } from './video.ts';

/** What is only known of a video under way, at the moment of asking. */
export interface Live {
  waiting: Waiting | null;
  render: RenderProgress | null;
  /** What was paid until now; null when the ledger cannot be asked. */
  cost: Cost | null;
}

/** A video as answers show it. `urlOf` gives the address of an asset. */
export function recordToWire(
  record: VideoRecord,
  { urlOf, live = { waiting: null, render: null, cost: null } }: { urlOf: (sha256: string) => string; live?: Live },
): Video {
  const { id, title, assetType, stage, status, createdAt, finishedAt, result, failure } = record;
  const frame = { id, title, stage, asset_type: assetType, created_at: createdAt };
  if (finishedAt === null) {
    const progress = record.progress === null ? null : progressToWire(record.progress, live.render);
    return {
      ...frame,
      status: active(status),
      waiting: live.waiting,
      finished_at: null,
      progress,
      cost: costToWire(live.cost),
    };
  }
  const ended = { ...frame, waiting: null, finished_at: finishedAt, progress: null };
  const cost = costToWire(record.cost);
  if (status === 'cancelled' || status === 'terminated') return { ...ended, status, cost };
  if (result !== null) return { ...ended, status: result.status, ...resultToWire(result, urlOf) };
  const { code, message, degradations } = failure ?? UNTOLD;
  const { category, severity, recoveryStrategy } = meaningOf(code);
  return {
    ...ended,
    status: 'failed',
    error: { code, message, category, severity, recovery_strategy: recoveryStrategy },
    degradations: degradations.map(degradationToWire),
    cost,
  };
}

const UNTOLD = { code: 'RUN_FAILED', message: 'The run failed without a report.', degradations: [] };

export const recordToSummary = (record: VideoRecord): VideoSummary => ({
  id: record.id,
  status: record.finishedAt === null ? active(record.status) : record.status,
  stage: record.stage,
  asset_type: record.assetType,
  title: record.title,
  created_at: record.createdAt,
  finished_at: record.finishedAt,
});

/** A run under way says `success` for an instant before it closes: it is finished when Temporal says so. */
const active = (status: string): 'queued' | 'running' | 'cancelling' =>
  status === 'queued' || status === 'cancelling' ? status : 'running';
