import { log } from '@temporalio/activity';
import type { SentWebhook } from '../domain/webhook.ts';
import type { ActivityDeps } from './deps.ts';

export interface SendWebhookInput {
  deliveryId: string;
  /** When this attempt fails too, the delivery is dead. */
  isLast: boolean;
}

/** What is sent is read, signed and addressed here: neither address nor secret is in a history. */
export function createWebhookActivities({ webhooks }: Pick<ActivityDeps, 'webhooks'>) {
  async function sendWebhook({ deliveryId, isLast }: SendWebhookInput): Promise<SentWebhook> {
    const delivery = await webhooks.find(deliveryId);
    // Pruned with its video, or told of already by an attempt whose end Temporal has not heard of.
    if (delivery === null) return { outcome: 'dead', failure: 'forgotten', retryAfterSeconds: null };
    if (delivery.state === 'delivered') return { outcome: 'delivered', failure: null, retryAfterSeconds: null };
    const sent = await webhooks.send(delivery);
    const outcome = sent.outcome === 'failed' && isLast ? 'dead' : sent.outcome;
    await webhooks.note(deliveryId, { outcome, failure: sent.failure });
    const { videoId, type } = delivery;
    const fields = { deliveryId, videoId, type, failure: sent.failure };
    if (outcome === 'dead') log.warn('A webhook is given up: it is a dead letter now', fields);
    else if (outcome === 'failed') log.info('A webhook was not taken; it is sent again', fields);
    return { ...sent, outcome };
  }

  return { sendWebhook };
}
