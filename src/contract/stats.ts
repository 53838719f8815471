import { z } from 'zod';
import { VIDEO_STATUSES } from '../domain/progress.ts';
import { ASSET_TYPES } from '../domain/video-spec.ts';

/** The windows that slide behind now, in seconds. */
export const STATS_WINDOWS = { '5m': 300, '1h': 3_600, '24h': 86_400 } as const;
export type StatsWindow = keyof typeof STATS_WINDOWS;
const WINDOW_NAMES = Object.keys(STATS_WINDOWS) as [StatsWindow, ...StatsWindow[]];

export const StatsQuery = z.strictObject({
  window: z
    .enum(WINDOW_NAMES, { error: `must be one of ${WINDOW_NAMES.join(', ')}` })
    .optional()
    .describe('Only this one; all of them otherwise.'),
});

const Count = z.int().nonnegative();

export const Figures = z
  .strictObject({
    requested: Count.describe('Videos asked for in the window.'),
    ended: z
      .strictObject({ success: Count, partial: Count, failed: Count, cancelled: Count, terminated: Count })
      .describe('Videos that ended in the window, by how.'),
    success_rate: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('(`success` + `partial`) ÷ (those and `failed`); null when none of these ended.'),
    seconds: z
      .strictObject({ mean: z.number().nonnegative(), p95: z.number().nonnegative(), max: z.number().nonnegative() })
      .nullable()
      .describe('From the start of its last run to the end, of films that were finished; null without any.'),
    cost: z
      .strictObject({ currency: z.literal('CNY'), total: z.number().nonnegative(), mean: z.number().nonnegative() })
      .describe('Of the videos that ended in the window, whatever their end.'),
  })
  .meta({ id: 'Figures' });
export type Figures = z.infer<typeof Figures>;

export const WindowStats = z
  .strictObject({
    window: z.enum(WINDOW_NAMES),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    all: Figures,
    by_asset_type: z.strictObject(
      Object.fromEntries(ASSET_TYPES.map((type) => [type, Figures])) as Record<
        (typeof ASSET_TYPES)[number],
        typeof Figures
      >,
    ),
  })
  .meta({ id: 'WindowStats' });
export type WindowStats = z.infer<typeof WindowStats>;

const UNDER_WAY = VIDEO_STATUSES.filter(
  (status) => status === 'queued' || status === 'running' || status === 'cancelling',
) as ['queued', 'running', 'cancelling'];

export const Stats = z
  .strictObject({
    under_way: z.strictObject(
      Object.fromEntries(UNDER_WAY.map((status) => [status, Count])) as Record<
        (typeof UNDER_WAY)[number],
        typeof Count
      >,
    ),
    windows: z.array(WindowStats),
  })
  .meta({ id: 'Stats' });
export type Stats = z.infer<typeof Stats>;
