import type { VideoEvent } from '../domain/video-event.ts';
import type { RunReport } from '../domain/video-event.ts';
import type { VideoEnding, VideoIdentity } from '../domain/video-record.ts';
import { append, type KeyedEvent } from './append.ts';
import type { ReadModel } from './read-model.ts';

/** A video was asked for, and its run is started. */
export async function tellAccepted(model: ReadModel, video: VideoIdentity): Promise<void> {
  await append(model, { video, events: [keyed({ type: 'accepted' }, video.createdAt)], row: () => ({}) });
}

/** A person has asked a run to end. */
export async function tellCancelling(model: ReadModel, video: VideoIdentity, at: string): Promise<void> {
  const events = [keyed({ type: 'cancelling' }, at)];
  await append(model, { video, events, row: () => ({ status: 'cancelling' }) });
}

/** What a run says of itself. An older report than one that is known changes nothing. */
export async function tellReport(model: ReadModel, video: VideoIdentity, report: RunReport): Promise<void> {
  const { progress, title, closing } = report;
  const events = report.events.map(({ at, event }) => keyed(event, at, video.runId));
  await append(model, {
    video,
    events,
    row: ({ status }, news) => {
      if (news === 0) return {};
      const said = { stage: progress.stage, title, createdAt: video.createdAt };
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
  const events = [keyed({ type: 'ended', status }, finishedAt)];
  await append(model, { video, events, row: () => ({ ...ending, ...entitled, createdAt: video.createdAt }) });
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
    case 'cancelling':
    case 'ended':
      return event.type;
    case 'stage_entered':
    case 'stage_left':
      return `${runId}:${event.type}:${event.stage}`;
    case 'branch_started':
      return `${runId}:${event.type}:${event.branch}`;
    case 'scene_settled':
      return `${runId}:${event.type}:${event.branch}:${event.sceneId}`;
  }
}
