import { ulid } from 'ulid';
import type { Database } from '../../src/database/database.ts';
import type { Progress, Stage } from '../../src/domain/progress.ts';
import type { RunReport, VideoEvent } from '../../src/domain/video-event.ts';
import type { VideoEnding, VideoIdentity } from '../../src/domain/video-record.ts';
import { LocalBell } from '../../src/read-model/bell.ts';
import type { ReadModel } from '../../src/read-model/read-model.ts';
import { partialResult } from '../api/fixtures/results.ts';

export const TENANT = 'local';
export const AT = '2026-11-21T08:00:00.000Z';

export const modelOn = (database: Database): ReadModel => ({ database, bell: new LocalBell() });

export const newVideo = (change: Partial<VideoIdentity> = {}): VideoIdentity => ({
  ...{ id: `v${ulid()}`, tenant: TENANT, runId: 'run-1', runStartedAt: AT, assetType: 'text_to_image', createdAt: AT },
  ...change,
});

/** The events of a run that gets as far as its pictures, in order. */
export const STORY: VideoEvent[] = [
  { type: 'stage_entered', stage: 'script' },
  { type: 'stage_left', stage: 'script' },
  { type: 'stage_entered', stage: 'assets' },
  { type: 'branch_started', branch: 'visual', sceneIds: ['s1', 's2'] },
  { type: 'scene_settled', branch: 'visual', sceneId: 's1', state: 'complete', why: null },
  { type: 'scene_settled', branch: 'visual', sceneId: 's2', state: 'failed', why: 'content_rejected' },
];

/** What a run says after the first so many of these. */
export function reportOf(video: VideoIdentity, count: number, change: Partial<RunReport> = {}): RunReport {
  const told = STORY.slice(0, count);
  const stage = told.findLast((event) => event.type === 'stage_entered')?.stage ?? ('script' satisfies Stage);
  const scenes = told.flatMap((event) =>
    event.type === 'scene_settled' ? [{ sceneId: event.sceneId, state: event.state, why: event.why }] : [],
  );
  const visual = { settled: scenes.length, total: 2, scenes };
  const progress: Progress = { status: 'running', stage, waiting: null, branches: { audio: null, visual } };
  const { id, tenant, assetType } = video;
  return {
    ...{ video: { id, tenant, assetType }, events: told.map((event) => ({ at: AT, event })), progress },
    ...{ title: 'A film', closing: false },
    ...change,
  };
}

export const endingOf = (change: Partial<VideoEnding> = {}): VideoEnding => ({
  ...{ status: 'partial', stage: 'deliver', result: partialResult, failure: null, cost: null, finishedAt: AT },
  ...change,
});
