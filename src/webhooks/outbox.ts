import { createHash } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import type { Sql } from '../database/database.ts';
import { webhookDeliveries, webhooks } from '../database/schema.ts';
import type { VideoEvent } from '../domain/video-event.ts';
import type { VideoRecord } from '../domain/video-record.ts';
import type { WebhookFacts, WebhookType } from '../domain/webhook.ts';

interface Happened {
  key: string;
  at: string;
  event: VideoEvent;
}

/** What is known of the video with the event; what is left out is not known yet. */
export type Known = Partial<Pick<VideoRecord, 'status' | 'title' | 'result' | 'failure' | 'cost'>>;

/**
 * Puts what a receiver is to hear of beside the events, in their transaction: told of once, whoever wrote the event, and
 * never where the event was not written.
 */
export async function noteForReceiver(
  query: Sql,
  { id: videoId, tenant }: Pick<VideoRecord, 'id' | 'tenant'>,
  { fresh, known }: { fresh: Happened[]; known: Known },
): Promise<void> {
  const told = fresh.flatMap(({ key, at, event }) => {
    const type = typeOf(event);
    return type === null ? [] : [{ type, key, at, event }];
  });
  if (told.length === 0) return;
  const [receiver] = await query
    .select({ videoId: webhooks.videoId })
    .from(webhooks)
    .where(and(eq(webhooks.tenant, tenant), eq(webhooks.videoId, videoId)));
  if (receiver === undefined) return;
  const rows = told.map(({ type, key, at, event }) => {
    return { id: idOf(tenant, videoId, key), tenant, videoId, type, at: new Date(at), facts: factsOf(event, known) };
  });
  await query.insert(webhookDeliveries).values(rows).onConflictDoNothing();
}

/** The same event has the same id, also when a database that came back from a backup learns of it again. */
function idOf(tenant: string, videoId: string, key: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([tenant, videoId, key]))
    .digest('base64url');
  return `msg_${digest.replace(/[-_]/g, '').slice(0, 27)}`;
}

/** Null of what a receiver does not hear of: it would be told of every scene otherwise. */
function typeOf(event: VideoEvent): WebhookType | null {
  if (event.type === 'draft_fallback') return 'video.draft_fallback';
  if (event.type !== 'ended') return null;
  switch (event.status) {
    case 'success':
    case 'partial':
      return 'video.finished';
    case 'failed':
      return 'video.failed';
    case 'cancelled':
      return 'video.cancelled';
    case 'terminated':
      return 'video.terminated';
    default:
      return null;
  }
}

function factsOf(event: VideoEvent, { status, title, result, failure, cost }: Known): WebhookFacts {
  const draft = result?.draft ?? null;
  return {
    status: event.type === 'ended' ? event.status : (status ?? 'running'),
    title: result?.title ?? title ?? null,
    durationSeconds: result?.durationSeconds ?? null,
    video: result?.video.sha256 ?? null,
    cover: result?.cover.sha256 ?? null,
    captions: result?.captions?.sha256 ?? null,
    draft: draft === null ? null : { id: draft.id, zip: draft.zip.sha256 },
    degradations: (result?.degradations ?? failure?.degradations ?? []).length,
    cost: (result?.cost ?? cost)?.total ?? null,
    error: failure == null ? null : { code: failure.code, message: failure.message },
    draftFallback:
      event.type === 'draft_fallback' ? { channel: event.channel, insteadOf: event.insteadOf, why: event.why } : null,
  };
}
