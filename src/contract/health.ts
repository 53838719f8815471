import { z } from 'zod';

export const Check = z
  .strictObject({ ok: z.boolean(), message: z.string().describe('What was found.') })
  .meta({ id: 'Check' });
export type Check = z.infer<typeof Check>;

export const Health = z
  .strictObject({
    status: z.enum(['healthy', 'degraded']),
    checks: z.strictObject({ gateway: Check, temporal: Check, database: Check }),
    uptime_seconds: z.number().nonnegative(),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;

export const Readiness = z
  .strictObject({
    status: z.literal('ready'),
    checks: z.strictObject({ temporal: Check, database: Check, workers: Check }),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof Readiness>;
