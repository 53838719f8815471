import { z } from 'zod';
import { BREAKER_STATES } from '../domain/breaker-state.ts';

export const Check = z
  .strictObject({ ok: z.boolean(), message: z.string().describe('What was found.') })
  .meta({ id: 'Check' });
export type Check = z.infer<typeof Check>;

export const OpenBreaker = z
  .strictObject({
    service: z.string().describe('A service or a channel, as in circuit_breaker_config.yaml.'),
    state: z.enum(BREAKER_STATES).exclude(['closed']),
    until: z.iso.datetime().nullable().describe('When the provider is tried again; null while that is done.'),
  })
  .meta({ id: 'OpenBreaker' });
export type OpenBreaker = z.infer<typeof OpenBreaker>;

export const WorkerHealth = z
  .strictObject({
    worker: z.string().describe('Version, process and machine.'),
    status: z.enum(['online', 'offline', 'stopped']).describe('`offline`: it has fallen silent without a word.'),
    last_beat: z.iso.datetime(),
    queues: z.array(
      z.strictObject({
        queue: z.string(),
        used: z.int().describe('Activities under way.'),
        slots: z.int().describe('How many there may be at once.'),
      }),
    ),
  })
  .meta({ id: 'WorkerHealth' });
export type WorkerHealth = z.infer<typeof WorkerHealth>;

export const Health = z
  .strictObject({
    status: z.enum(['healthy', 'degraded']),
    checks: z.strictObject({ gateway: Check, temporal: Check, database: Check, providers: Check }),
    circuit_breakers: z
      .array(OpenBreaker)
      .describe('Circuit breakers of the workers that are not closed; empty too while the database is away.'),
    workers: z
      .array(WorkerHealth)
      .nullable()
      .describe('Worker processes heard of; null when Temporal does not tell (see `/ready` for what is missing).'),
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
