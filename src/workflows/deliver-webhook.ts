import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { DeliverWebhookInput, SentWebhook } from '../domain/webhook.ts';
import { notify } from './profiles.ts';

const { sendWebhook } = proxyActivities<Activities>(notify);

/**
 * Brings one event to its receiver, over hours if need be. A run of its own: no video waits for it, and none fails with it.
 * What becomes of each attempt is written where dead letters are listed from, by the attempt itself.
 */
export async function deliverWebhook({ deliveryId, retrySeconds }: DeliverWebhookInput): Promise<SentWebhook> {
  for (let attempt = 1; ; attempt++) {
    const pause = retrySeconds[attempt - 1];
    const sent = await sendWebhook({ deliveryId, isLast: pause === undefined });
    if (sent.outcome !== 'failed' || pause === undefined) return sent;
    await sleep(Math.max(pause, sent.retryAfterSeconds ?? 0) * 1000);
  }
}
