import { z } from 'zod';

const AssetId = z.string().regex(/^[0-9a-f]{64}$/);

/** What a user brings for one scene instead of having it made. Assets are named by the sha256 of their content. */
export const OwnMaterial = z.strictObject({
  sceneId: z.string(),
  /** Spoken, and captioned, in place of the storyboard's words. */
  text: z.string().nullable(),
  picture: AssetId.nullable(),
  /** Moving pictures in place of a still. Not in inputs recorded before it was taken. */
  clip: AssetId.nullish(),
  /** A recording of `text`. */
  narration: AssetId.nullable(),
});
export type OwnMaterial = z.infer<typeof OwnMaterial>;
