import type { VideoStatus } from '../domain/progress.ts';

/** How a video stands, as a sentence for people. */
export const STATUS_WORDS: Record<VideoStatus, string> = {
  queued: 'The video is accepted and waits to be made.',
  running: 'The video is being made.',
  cancelling: 'The video is being cancelled.',
  success: 'The video is finished.',
  partial: 'The video is finished, not quite as asked: degradations says where.',
  failed: 'The video could not be made: error says why.',
  cancelled: 'The video was cancelled.',
  terminated: 'The video was ended from outside.',
};
