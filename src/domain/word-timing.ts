import { z } from 'zod';

/** One spoken word. Times are milliseconds from the start of its narration's audio. */
export const WordTiming = z.strictObject({
  word: z.string(),
  startMs: z.number().nonnegative(),
  endMs: z.number().nonnegative(),
});
export type WordTiming = z.infer<typeof WordTiming>;
