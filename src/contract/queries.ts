import { z } from 'zod';
import { PURCHASE_PURPOSES } from '../domain/ledger-line.ts';
import { STATS_WINDOWS, type StatsWindow } from './stats.ts';
import { VideoId } from './video.ts';

const WINDOWS = Object.keys(STATS_WINDOWS) as [StatsWindow, ...StatsWindow[]];
const Window = z.enum(WINDOWS, { error: `must be one of ${WINDOWS.join(', ')}` }).default('24h');
const Limit = z.int().min(1).max(100).default(20);
const Count = z.int().nonnegative();

/** What `execute_query` can be asked: reading questions that are declared here, never SQL. */
export const QUERIES = {
  similar_pictures: {
    description: 'Pictures bought here whose prompts are nearest in meaning to a text: a vector search, nearest first.',
    params: z.strictObject({
      text: z.string().trim().min(1).max(2000).describe('What the picture shows, in words.'),
      limit: Limit,
    }),
    row: z.strictObject({
      video_id: VideoId,
      scene_id: z.string(),
      asset_id: z.string(),
      cosine: z.number().min(-1).max(1),
      style: z.string(),
      aspect_ratio: z.string(),
    }),
  },
  failures: {
    description: 'Why videos failed in a window, the most frequent first.',
    params: z.strictObject({ window: Window, limit: Limit }),
    row: z.strictObject({ code: z.string(), videos: Count, last_at: z.iso.datetime() }),
  },
  degradations: {
    description: 'What was substituted in films that were finished in a window, the most frequent first.',
    params: z.strictObject({ window: Window, limit: Limit }),
    row: z.strictObject({ what: z.string(), why: z.string(), count: Count, videos: Count }),
  },
  spending: {
    description: 'What was paid in a window, by what for and by which model, the dearest first. CNY.',
    params: z.strictObject({ window: Window, limit: Limit }),
    row: z.strictObject({
      purpose: z.enum(PURCHASE_PURPOSES),
      model: z.string(),
      channel: z.string(),
      calls: Count,
      price: z.number().nonnegative(),
    }),
  },
  slowest_videos: {
    description: 'The films of a window that took longest.',
    params: z.strictObject({ window: Window, limit: Limit }),
    row: z.strictObject({
      id: VideoId,
      status: z.enum(['success', 'partial']),
      seconds: z.number().nonnegative(),
      finished_at: z.iso.datetime(),
    }),
  },
} as const;

export type QueryName = keyof typeof QUERIES;
export const QUERY_NAMES = Object.keys(QUERIES) as [QueryName, ...QueryName[]];
export type QueryParams<Name extends QueryName> = z.output<(typeof QUERIES)[Name]['params']>;
export type QueryRow<Name extends QueryName> = z.output<(typeof QUERIES)[Name]['row']>;
