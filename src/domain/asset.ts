import { z } from 'zod';

/** A stored binary, known by what is in it. Payloads carry this, never the bytes. */
export const AssetRef = z.strictObject({
  /** `asset:<sha256>`: where the asset store finds it, whatever folder or bucket that is. */
  uri: z.string().regex(/^asset:[0-9a-f]{64}$/),
  mediaType: z.string(),
  sizeBytes: z.int().nonnegative(),
  /** Lower-case hex of the content. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AssetRef = z.infer<typeof AssetRef>;
