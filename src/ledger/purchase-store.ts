import type { Purchase, PurchaseKey } from '../domain/purchase.ts';

/** A purchase as it is written, and whether a living process has its call in flight. */
export interface KnownPurchase {
  purchase: Purchase;
  underWay: boolean;
}

/** Where purchases are written, for every process that buys. Every write is durable when its promise resolves. */
export interface PurchaseStore {
  /** All attempts under a key, first to last. */
  find(key: PurchaseKey): Promise<KnownPurchase[]>;
  /** Everything bought, tried or intended for a video. */
  list(tenant: string, videoId: string): Promise<Purchase[]>;
  /**
   * Writes an intent, and holds it as under way in this process until it is settled. False when somebody else was
   * quicker; an attempt that was refused is replaced. When it rejects, nothing may be sent.
   */
  open(intent: Purchase): Promise<boolean>;
  /** Writes what became of a call. Goes on trying for a while when the store is away: an answer is paid for. */
  settle(purchase: Purchase): Promise<void>;
  /** An intent whose process is gone becomes `unknown`; false when it is not (or no longer) one. */
  writeOff(purchase: Purchase): Promise<boolean>;
  /** Writes what was told later of a call that was answered: what it cost, or that it was not billed after all. */
  correct(purchase: Pick<Purchase, 'key' | 'seed'>, change: Correction): Promise<void>;
  /** Notes where the answer is safe. */
  keep(purchase: Pick<Purchase, 'key' | 'seed'>, kept: unknown): Promise<void>;
}

/** `refused`: what was begun came to nothing, and is not billed. */
export type Correction = { state: 'refused' } | Pick<Purchase, 'units' | 'price' | 'basis' | 'model'>;
