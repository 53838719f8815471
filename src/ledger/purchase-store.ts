import type { Purchase, PurchaseKey } from '../domain/purchase.ts';

/** Where purchases are written. Every write is durable when its promise resolves. */
export interface PurchaseStore {
  /** All attempts under a key, first to last. */
  find(key: PurchaseKey): Promise<Purchase[]>;
  /** Writes one attempt, replacing what was known of it. */
  write(purchase: Purchase): Promise<void>;
  /** Everything bought, tried or intended for a video. */
  list(tenant: string, videoId: string): Promise<Purchase[]>;
}
