import { z } from 'zod';

export const DEGRADED_PARTS = [
  'script',
  'clip',
  'picture',
  'narration',
  'captions',
  'music',
  'duration',
  'draft',
] as const;

/** One truthful line about something the film does not have as asked. */
export const Degradation = z.strictObject({
  /** The scene it happened in; null when it concerns the whole film. */
  sceneId: z.string().nullable(),
  what: z.enum(DEGRADED_PARTS),
  /** A stable code, such as `content_rejected` or `sync_timeout`. */
  why: z.string(),
  /** Words for people. Never a provider's raw text. */
  detail: z.string(),
  /** What stands there instead, such as `picture of s2` or `title_card`. */
  replacedBy: z.string(),
});
export type Degradation = z.infer<typeof Degradation>;
