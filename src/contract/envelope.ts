import { z } from 'zod';

/** What surrounds every successful answer that is JSON. */
export const envelope = <T extends z.ZodType>(data: T, id: string) =>
  z
    .strictObject({
      success: z.literal(true),
      data,
      message: z.string().describe('For people.'),
      timestamp: z.iso.datetime(),
      request_id: z.uuid().describe('Also in the X-Request-Id header, and in the log.'),
      performance: z.strictObject({
        duration_ms: z.number().nonnegative().describe('What the gateway took for this answer.'),
        cache_hit: z.boolean(),
      }),
    })
    .meta({ id });
