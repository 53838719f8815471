import { z } from 'zod';
import { CHANNELS } from './service.ts';

export const PURCHASE_PURPOSES = [
  'script',
  'script_repair',
  'script_critique',
  'script_rewrite',
  /** A picture's prompt in other words, because it was refused. */
  'prompt_rewrite',
  'still',
  'clip',
  'narration',
  /** A scene recorded once more, because its line was shortened. */
  'narration_retake',
  /** What a picture's prompt shows, as a direction: similar pictures are found by it. */
  'embedding',
] as const;
export type PurchasePurpose = (typeof PURCHASE_PURPOSES)[number];

/** One paid call, as far as it can be known. */
export const LedgerLine = z.strictObject({
  /** Null for what is bought for the whole film (the script). */
  sceneId: z.string().nullable(),
  purpose: z.enum(PURCHASE_PURPOSES),
  /** 1, or 2 when the outcome of the first stayed unknown. */
  attempt: z.int().positive(),
  provider: z.string(),
  /** The way it was sent. Not in results from before there was another than HTTP. */
  channel: z.enum(CHANNELS).optional(),
  model: z.string(),
  /** What a picture can be made again with; null for what has none. */
  seed: z.int().nullable(),
  /** Hash of the prompt, or of the spoken text. */
  promptSha256: z.string().nullable(),
  /** How much of what was bought, such as `{images: 1}` or `{input_tokens: 800, output_tokens: 1200}`. */
  units: z.record(z.string(), z.number()),
  /** CNY by the price table. */
  price: z.number().nonnegative(),
  /** `reported` when the units are the provider's own figure. */
  basis: z.enum(['estimated', 'reported']),
  /** `bought` is in the film; `unused` was paid and is not; `unknown` was sent and never answered. */
  state: z.enum(['bought', 'unused', 'unknown']),
  at: z.string(),
});
export type LedgerLine = z.infer<typeof LedgerLine>;

export const Cost = z.strictObject({
  currency: z.literal('CNY'),
  /** Sum over the lines that are billed or may be. */
  total: z.number().nonnegative(),
  lines: z.array(LedgerLine),
});
export type Cost = z.infer<typeof Cost>;
