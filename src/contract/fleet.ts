import { z } from 'zod';
import { QUEUES } from '../domain/queues.ts';

const Rate = z.number().nonnegative();

/** A task queue as Temporal has it, and who serves it. */
export const WireQueue = z
  .strictObject({
    queue: z.enum(QUEUES),
    workers: z
      .int()
      .nonnegative()
      .nullable()
      .describe('Living processes that serve it; null when Temporal does not tell.'),
    slots: z.int().nonnegative().nullable().describe('Activities that they can do at once, together.'),
    used: z.int().nonnegative().nullable().describe('Of these, under way at their last beat.'),
    backlog: z.strictObject({
      tasks: z.int().nonnegative().describe('Tasks that nobody has taken yet, about.'),
      oldest_seconds: z.number().nonnegative().describe('How long the oldest waits; 0 when none does.'),
    }),
    added_per_second: Rate.describe('Tasks that came in, over the last half minute or so.'),
    dispatched_per_second: Rate.describe('Tasks that were given out.'),
    limit_per_second: Rate.nullable().describe('What Temporal gives out at most; null: no limit.'),
  })
  .meta({ id: 'Queue' });
export type WireQueue = z.infer<typeof WireQueue>;

export const QueueList = z.strictObject({ queues: z.array(WireQueue) }).meta({ id: 'QueueList' });

export const WireWorker = z
  .strictObject({
    worker: z.string().describe('Its identity in Temporal: version, process and machine.'),
    version: z.string().nullable().describe('Of this product; null for a worker of somebody else’s.'),
    host: z.string().nullable(),
    process_id: z.int().nullable(),
    status: z.enum(['online', 'offline', 'stopped']).describe('`offline`: it has fallen silent without a word.'),
    started_at: z.iso.datetime().nullable(),
    last_beat: z.iso.datetime(),
    load: z.strictObject({
      used: z.int().nonnegative().describe('Activities under way.'),
      slots: z.int().nonnegative().describe('How many there may be at once.'),
      host_cpu: z.number().nonnegative().nullable().describe('Of its machine, 0 to 1.'),
      host_memory: z.number().nonnegative().nullable().describe('Of its machine, 0 to 1.'),
    }),
    queues: z.array(
      z.strictObject({
        queue: z.string(),
        used: z.int().nonnegative(),
        slots: z.int().nonnegative(),
        processed: z.int().nonnegative().describe('Activities since it started.'),
        failed: z.int().nonnegative().describe('Of these, attempts that failed.'),
      }),
    ),
  })
  .meta({ id: 'Worker' });
export type WireWorker = z.infer<typeof WireWorker>;

export const WorkerList = z
  .strictObject({
    workers: z.array(WireWorker).nullable().describe('Null when the Temporal server keeps no worker heartbeats.'),
  })
  .meta({ id: 'WorkerList' });
