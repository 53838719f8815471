import { z } from 'zod';
import { CHECKPOINTS } from '../domain/checkpoint.ts';
import { STAGES } from '../domain/progress.ts';
import { VideoId } from './video.ts';

const NAME = 'must have 1 to 63 of a to z, 0 to 9, - and _, and begin with a letter or a number';
const Name = z
  .string({ error: NAME })
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, { error: NAME })
  .describe(`${CHECKPOINTS.join(', ')}, or a name of your own.`);

const OBJECT = {
  error: (issue: { code?: string }) => (issue.code === 'invalid_type' ? 'must be a JSON object' : undefined),
};

/** The body of POST …/checkpoints; none means {}. */
export const CheckpointRequest = z
  .strictObject(
    { checkpoint: Name.nullish().describe('Names the point reached now; left out, that point by its own name.') },
    OBJECT,
  )
  .meta({ id: 'CheckpointRequest', example: { checkpoint: 'before-the-new-pictures' } });

/** The body of POST …/restore. */
export const RestoreRequest = z
  .strictObject({ checkpoint: Name }, OBJECT)
  .meta({ id: 'RestoreRequest', example: { checkpoint: 'after_script' } });

export const WireCheckpoint = z
  .strictObject({
    name: z.string(),
    after: z.enum(STAGES).describe('The stage whose end it is.'),
    automatic: z.boolean().describe('Every video passes it; false: somebody has named it.'),
    at: z.iso.datetime().nullable().describe('When it was reached, or named; null when that is not known.'),
  })
  .meta({ id: 'Checkpoint' });
export type WireCheckpoint = z.infer<typeof WireCheckpoint>;

export const CheckpointList = z.strictObject({ checkpoints: z.array(WireCheckpoint) }).meta({ id: 'CheckpointList' });

export const RestoredVideo = z
  .strictObject({
    id: VideoId,
    status: z.enum(['queued', 'running']),
    checkpoint: z.string().describe('From which it goes on.'),
  })
  .meta({ id: 'RestoredVideo' });
export type RestoredVideo = z.infer<typeof RestoredVideo>;
