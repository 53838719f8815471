import { z } from 'zod';

export const AssetId = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256 of the content, lower-case hexadecimal.')
  .meta({ id: 'AssetId' });

export const Asset = z
  .strictObject({
    id: AssetId,
    media_type: z.string().describe('As found in the content.'),
    size_bytes: z.int().nonnegative(),
    url: z.url(),
  })
  .meta({ id: 'Asset' });
export type Asset = z.infer<typeof Asset>;
