import type { Checkpoint } from '../domain/checkpoint.ts';
import type { VideoEvent } from '../domain/video-event.ts';
import type { RunReport } from '../domain/video-event.ts';
import { hasEnded, type VideoEnding, type VideoIdentity, type VideoRecord } from '../domain/video-record.ts';
import { append, type Appended, type KeyedEvent } from './append.ts';
import type { ReadModel } from './read-model.ts';

/** A video was asked for, and its run is started. */
export async function tellAccepted(model: ReadModel, video: VideoIdentity): Promise<void> {
  await append(model, { video, events: [keyed({ type: 'accepted' }, video.createdAt)], row: () => ({}) });
}

/** A person has asked a run to end. */
export async function tellCancelling(model: ReadModel, video: VideoIdentity, at: string): Promise<void> {
  const events = [keyed({ type: 'cancelling' }, at, video.runId)];
  await append(model, { video, events, row: () => ({ status: 'cancelling' }) });
}

/**
 * Temporal says that this run is the video's present one. Where the row has an older one, its video is under way again,
 * ended or not; an older run than the row's changes nothing.
 */
export async function tellPresent(
  model: ReadModel,
  video: VideoIdentity,
  { checkpoint, status, stage }: { checkpoint: Checkpoint | null } & Pick<VideoRecord, 'status' | 'stage'>,
): Promise<void> {
  const ofRunBefore = { progress: null, result: null, failure: null, cost: null, finishedAt: null };
  await append(model, {
    video,
    isPresent: true,
    events: [keyed({ type: 'restored', checkpoint }, video.runStartedAt, video.runId)],
    row: () => ({ ...ofRunBefore, status: hasEnded(status) ? 'running' : status, stage }),
  });
}

/** What a run says of itself. An older report than one that is known changes nothing. */
export async function tellReport(model: ReadModel, video: VideoIdentity, report: RunReport): Promise<Appended> {
  const { progress, title, closing } = report;
  const events = report.events.map(({ at, event }) => keyed(event, at, video.runId));
  return append(model, {
    video,
    events,
    row: ({ status }, news) => {
      if (news === 0) return {};
      const said = { stage: progress.stage, title };
      // Only Temporal says how a run ended. A cancel is told sooner than the run hears of it.
      if (closing) {
        const still = status === 'queued' ? 'running' : status;
        return { ...said, status: still, progress: { ...progress, status: still } };
      }
      return { ...said, progress, status: status === 'cancelling' ? status : progress.status };
    },
  });
}

/** Temporal says that the run has closed. */
export async function tellEnded(model: ReadModel, video: VideoIdentity, ending: VideoEnding): Promise<void> {
  const { status, finishedAt, result } = ending;
  const entitled = result === null ? {} : { title: result.title };
  const events = [keyed({ type: 'ended', status }, finishedAt, video.runId)];
  await append(model, { video, events, row: () => ({ ...ending, ...entitled }) });
}

function keyed(event: VideoEvent, at: string, runId = ''): KeyedEvent {
  return { key: keyOf(event, runId), at, event };
}

/**
 * By what it says, not by its place: of two workers that tell of one run, the second may have heard of something, such as
 * a cancel, before what the first had told.
 */
function keyOf(event: VideoEvent, runId: string): string {
  switch (event.type) {
    case 'accepted':
      return event.type;
    case 'restored':
    case 'draft_fallback':
    case 'cancelling':
    case 'ended':
      return `${runId}:${event.type}`;
    case 'stage_entered':
    case 'stage_left':
      return `${runId}:${event.type}:${event.stage}`;
    case 'branch_started':
      return `${runId}:${event.type}:${event.branch}`;
    case 'scene_settled':
      return `${runId}:${event.type}:${event.branch}:${event.sceneId}`;
  }
}
