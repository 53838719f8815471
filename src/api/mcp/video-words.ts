import { STATUS_WORDS } from '../../contract/status-words.ts';
import type { Video } from '../../contract/video.ts';

/** A video in words: what a model should tell a person, and what it should do next. */
export function videoInWords(video: Video): string {
  const words = `${video.id}: ${STATUS_WORDS[video.status]}`;
  switch (video.status) {
    case 'queued':
    case 'running':
    case 'cancelling':
      return [words, nowInWords(video), 'Call wait_for_video with this id to wait for its end.'].join(' ');
    case 'success':
    case 'partial': {
      const changes = video.degradations.map(({ detail }) => `- ${detail}`);
      const sandbox = video.sandbox ? ['It was made with the local sandbox, not with real models.'] : [];
      return [words, `“${video.title}”, ${video.duration} s: ${video.video_url}`, ...changes, ...sandbox].join('\n');
    }
    case 'failed':
      return `${words} ${video.error.code}: ${video.error.message}`;
    case 'cancelled':
    case 'terminated':
      return words;
  }
}

type Active = Extract<Video, { finished_at: null }>;

/** Where it is just now, such as `Stage assets; narration 2 of 3, pictures 1 of 3.` */
export function nowInWords({ stage, progress, waiting }: Active): string {
  const counts = Object.entries({ narration: progress?.branches.audio, pictures: progress?.branches.visual }).flatMap(
    ([what, branch]) => (branch == null ? [] : [`${what} ${branch.settled} of ${branch.total}`]),
  );
  const render = progress?.render;
  if (render != null) counts.push(`frames ${render.done_frames} of ${render.total_frames}`);
  if (waiting !== null) counts.push(`it waits: ${waiting.reason}`);
  return `Stage ${stage}${counts.length === 0 ? '' : `; ${counts.join(', ')}`}.`;
}

/** Where each stage begins and ends, in percent of a usual film’s time. */
const SHARE = { script: [0, 15], assets: [15, 60], compose: [60, 95], deliver: [95, 100] } as const;

/** How far it is, 0 to 99: it only says 100 when it has ended. */
export function percentOf({ stage, progress }: Active): number {
  const [from, to] = SHARE[stage];
  return Math.min(99, Math.floor(from + (to - from) * doneOf(stage, progress)));
}

function doneOf(stage: Active['stage'], progress: Active['progress']): number {
  if (progress === null) return 0;
  if (stage === 'compose' && progress.render !== null)
    return progress.render.done_frames / progress.render.total_frames;
  if (stage !== 'assets') return 0;
  const branches = [progress.branches.audio, progress.branches.visual].filter((branch) => branch !== null);
  const total = branches.reduce((sum, branch) => sum + branch.total, 0);
  return total === 0 ? 0 : branches.reduce((sum, branch) => sum + branch.settled, 0) / total;
}
