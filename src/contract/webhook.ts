import { z } from 'zod';
import { VIDEO_STATUSES } from '../domain/progress.ts';
import { WEBHOOK_TYPES, type WebhookFacts, type WebhookType } from '../domain/webhook.ts';
import { VideoId } from './video.ts';

/** The body of a webhook: small, with links to the rest. */
export const WebhookEvent = z
  .strictObject({
    type: z.enum(WEBHOOK_TYPES),
    timestamp: z.iso.datetime().describe('When it happened.'),
    data: z.strictObject({
      id: VideoId,
      status: z.enum(VIDEO_STATUSES),
      url: z.url().describe('Where to ask for all of it.'),
      title: z.string().nullable(),
      duration: z.number().nullable().describe('Seconds.'),
      video_url: z.url().nullable(),
      cover_url: z.url().nullable(),
      captions_url: z.url().nullable(),
      draft_id: z.string().nullable(),
      draft_url: z.url().nullable(),
      degradations: z.int().nonnegative().describe('How many things are not as asked.'),
      cost: z.number().nullable().describe('CNY; null when it was not known yet.'),
      error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
      draft_fallback: z
        .strictObject({ channel: z.string(), instead_of: z.string(), why: z.string() })
        .nullable()
        .describe('Who made the draft instead, and why; only of `video.draft_fallback`.'),
    }),
  })
  .meta({ id: 'WebhookEvent' });
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** An event as it goes out; `base` is where the gateway is reached. */
export function webhookBody(
  { videoId, type, at, facts }: { videoId: string; type: WebhookType; at: string; facts: WebhookFacts },
  base: string,
): WebhookEvent {
  const assetUrl = (name: string | null | undefined) => (name == null ? null : `${base}/api/v1/assets/${name}`);
  const { draftFallback } = facts;
  return {
    type,
    timestamp: at,
    data: {
      ...{ id: videoId, status: facts.status, url: `${base}/api/v1/videos/${videoId}`, title: facts.title },
      duration: facts.durationSeconds,
      video_url: assetUrl(facts.video),
      cover_url: assetUrl(facts.cover),
      captions_url: assetUrl(facts.captions),
      draft_id: facts.draft?.id ?? null,
      draft_url: assetUrl(facts.draft?.zip),
      degradations: facts.degradations,
      cost: facts.cost,
      error: facts.error,
      draft_fallback:
        draftFallback === null
          ? null
          : { channel: draftFallback.channel, instead_of: draftFallback.insteadOf, why: draftFallback.why },
    },
  };
}

export const DeadLetterId = z
  .string()
  .regex(/^msg_[0-9A-Za-z]{1,64}$/)
  .describe('The `webhook-id` of what was sent.');

export const WireDeadLetter = z
  .strictObject({
    id: DeadLetterId,
    video_id: VideoId,
    type: z.enum(WEBHOOK_TYPES),
    at: z.iso.datetime().describe('When it happened.'),
    host: z.string().describe('Where it was sent; the rest of the address may be a secret.'),
    attempts: z.int().nonnegative(),
    last_failure: z.string().nullable().describe('Such as `http_500`, `ECONNREFUSED` or `blocked_address`.'),
    failed_at: z.iso.datetime().describe('When it was given up.'),
  })
  .meta({ id: 'DeadLetter' });

export const DeadLetterList = z.strictObject({ dead_letters: z.array(WireDeadLetter) }).meta({ id: 'DeadLetterList' });
export type DeadLetterList = z.infer<typeof DeadLetterList>;

const MAX_LIMIT = 100;
const LIMIT = { error: `must be a whole number from 1 to ${MAX_LIMIT}` };
export const DeadLetterQuery = z.strictObject({
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(MAX_LIMIT, LIMIT).default(20),
});

export const ReplayedWebhook = z
  .strictObject({ id: DeadLetterId, state: z.literal('pending') })
  .meta({ id: 'ReplayedWebhook' });
export type ReplayedWebhook = z.infer<typeof ReplayedWebhook>;
