import { webhookBody } from '../contract/webhook.ts';
import type { Database } from '../database/database.ts';
import type { SentWebhook } from '../domain/webhook.ts';
import { findDelivery, noteAttempt, type Attempted, type Delivery } from './deliveries.ts';
import { postWebhook } from './post.ts';
import { signedHeaders } from './sign.ts';

export interface WebhookDeskOptions {
  database: Database;
  /** The first is the newest; receivers may still know an older one. */
  secrets: readonly string[];
  /** Where receivers reach the gateway. */
  gatewayUrl: string;
  allowPrivate: boolean;
  /** Hears what has become of each attempt. */
  onAttempt?: (attempted: Attempted) => void;
}

/** What a worker knows of webhooks: it alone reads addresses, and signs. */
export class WebhookDesk {
  readonly #options: WebhookDeskOptions;

  constructor(options: WebhookDeskOptions) {
    this.#options = options;
  }

  find(id: string): Promise<Delivery | null> {
    return findDelivery(this.#options.database, id);
  }

  async send({ id, url, ...event }: Delivery): Promise<SentWebhook> {
    const { secrets, gatewayUrl, allowPrivate } = this.#options;
    const body = JSON.stringify(webhookBody(event, gatewayUrl));
    const headers = signedHeaders(secrets, { id, at: new Date(), body });
    return postWebhook({ url, headers, body }, { allowPrivate });
  }

  async note(id: string, attempted: Attempted): Promise<void> {
    await noteAttempt(this.#options.database, id, attempted);
    this.#options.onAttempt?.(attempted);
  }
}
