import { z } from 'zod';

const KEY = 'must have 1 to 255 printable ASCII characters';

/** A caller's own name for one wish: sent again with it, the wish is the same one. */
export const IdempotencyKey = z.string({ error: KEY }).regex(/^[\x20-\x7e]{1,255}$/, { error: KEY });
