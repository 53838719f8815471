import { z } from 'zod';
import { VIDEO_STATUSES } from './progress.ts';

/** What a receiver is told of. */
export const WEBHOOK_TYPES = [
  'video.finished',
  'video.failed',
  'video.cancelled',
  'video.terminated',
  'video.draft_fallback',
] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** What was known of the video when it happened: the same words go out however often they are sent. */
export const WebhookFacts = z.strictObject({
  status: z.enum(VIDEO_STATUSES),
  title: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  /** Names of assets. */
  video: z.string().nullable(),
  cover: z.string().nullable(),
  captions: z.string().nullable(),
  draft: z.strictObject({ id: z.string(), zip: z.string() }).nullable(),
  degradations: z.int().nonnegative(),
  /** CNY. */
  cost: z.number().nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  draftFallback: z.strictObject({ channel: z.string(), insteadOf: z.string(), why: z.string() }).nullable(),
});
export type WebhookFacts = z.infer<typeof WebhookFacts>;

/** Everything a delivery is started with: no address and no secret. */
export interface DeliverWebhookInput {
  deliveryId: string;
  /** How long to wait after each failed attempt; after the attempt that follows the last, the delivery is dead. */
  retrySeconds: number[];
}

/** What became of one attempt. */
export interface SentWebhook {
  /** `dead`: no further attempt is of any use. */
  outcome: 'delivered' | 'failed' | 'dead';
  /** Such as `http_500`; null when it was delivered. */
  failure: string | null;
  /** The receiver's Retry-After, in seconds. */
  retryAfterSeconds: number | null;
}

/** Workflow id of one delivery; each replay is a round of its own. */
export const webhookWorkflowId = (deliveryId: string, round: number): string => `webhook-${deliveryId}/${round}`;
