import { z } from 'zod';
import { Video, VideoId, VideoSummary } from './video.ts';
import { WireEvent } from './video-event.ts';

const Seq = z.int().nonnegative().describe('Counts 1, 2, 3, … over the events of all videos.');

/** An event of any video, as the stream of all of them sends it; the SSE event’s `id` is `seq`. */
export const LiveEvent = z.strictObject({ seq: Seq, video_id: VideoId, event: WireEvent }).meta({ id: 'LiveEvent' });
export type LiveEvent = z.infer<typeof LiveEvent>;

/** Where all videos stood when the stream began. */
export const VideosSnapshot = z
  .strictObject({
    seq: Seq.describe('The events that follow come after this.'),
    videos: z.array(VideoSummary).describe('Those under way, newest first.'),
    more: z.boolean().describe('There are more under way than are listed.'),
  })
  .meta({ id: 'VideosSnapshot' });
export type VideosSnapshot = z.infer<typeof VideosSnapshot>;

/** How one video stood when the stream began. */
export const VideoSnapshot = z
  .strictObject({
    last_event_id: z.int().nonnegative().describe('The events that follow come after this.'),
    video: Video.describe('As it was told; what only the moment can tell (`waiting`, `render`, `cost`) is left out.'),
  })
  .meta({ id: 'VideoSnapshot' });
export type VideoSnapshot = z.infer<typeof VideoSnapshot>;

const AFTER = { error: 'must be the id of an event: a whole number' };
const After = z
  .string(AFTER)
  .regex(/^(\d{1,15})?$/, AFTER)
  .optional();

export const VideosEventsQuery = z.strictObject({
  after: After.describe('As Last-Event-ID, for whoever cannot send headers.'),
});

export const VideoEventsQuery = z.strictObject({
  after: After.describe('As Last-Event-ID, for whoever cannot send headers.'),
  snapshot: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .optional()
    .describe('`true`: begins with a `snapshot` in place of all that has happened. Not beside an event’s id.'),
});
