import { z } from 'zod';
import { LedgerLine, PURCHASE_PURPOSES } from './ledger-line.ts';
import { CHANNELS } from './service.ts';

/** What is bought once: this purpose, for this scene (null: for the whole film), of this video. */
export const PurchaseKey = z.strictObject({
  tenant: z.string(),
  videoId: z.string(),
  sceneId: z.string().nullable(),
  purpose: z.enum(PURCHASE_PURPOSES),
});
export type PurchaseKey = z.infer<typeof PurchaseKey>;

/**
 * One paid call, written before it is sent and again when its outcome is known.
 * - `intended`: about to be sent, or sent; if the process that wrote it is gone, nobody knows.
 * - `refused`: the provider said no, or was never reached: not billed.
 * - `unknown`: sent, and no proper answer came: perhaps billed.
 * - `answered`: billed; `answer` is what came back (or where it is stored).
 */
export const Purchase = z.strictObject({
  key: PurchaseKey,
  attempt: z.int().positive(),
  /** Unique for each attempt, so that a provider's own list can be searched for it. */
  seed: z.int(),
  provider: z.string(),
  /** The way it was sent; over HTTP in records from before there was another. */
  channel: z.enum(CHANNELS).default('http_channel'),
  /** Hash of what was asked for, in hexadecimal; null in records from before it was kept. */
  promptSha256: z.string().nullable().default(null),
  state: z.enum(['intended', 'refused', 'unknown', 'answered']),
  model: LedgerLine.shape.model,
  units: LedgerLine.shape.units,
  price: LedgerLine.shape.price,
  basis: LedgerLine.shape.basis,
  openedAt: z.string(),
  settledAt: z.string().nullable(),
  answer: z.unknown(),
  /** What became of the answer, once it is safe in the asset store. */
  kept: z.unknown(),
});
export type Purchase = z.infer<typeof Purchase>;
