import { z } from 'zod';

/**
 * The implicit label in a file's metadata: field `AIGC` of GB 45438-2025 annex E, a JSON object with these keys, all strings.
 * Sources: docs/labelling.md.
 */
export const AigcMetadata = z.strictObject({
  /** `1`: the content is generated. (`2` may be, `3` is suspected to be: for platforms, never written by us.) */
  Label: z.literal('1'),
  /** Name or code of the service that generated it. */
  ContentProducer: z.string().min(1),
  /** The producer's number of the content: our video id. */
  ProduceID: z.string().min(1),
  /** For the producer's own protection of the label, such as a signature; empty. */
  ReservedCode1: z.string(),
  /** Name or code of the platform that spreads it, and its number there: each platform writes its own. */
  ContentPropagator: z.string(),
  PropagateID: z.string(),
  ReservedCode2: z.string(),
});
export type AigcMetadata = z.infer<typeof AigcMetadata>;
