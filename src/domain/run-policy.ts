import { z } from 'zod';

export const BranchPolicy = z.strictObject({
  /** Width of one run: how many scenes of this branch are worked on at once. */
  maxConcurrentTasks: z.int().positive(),
  /** Per task attempt. */
  timeoutSeconds: z.number().positive(),
  /** Total cap of attempts, over all error classes. */
  retryAttempts: z.int().positive(),
  queueName: z.string(),
});
export type BranchPolicy = z.infer<typeof BranchPolicy>;

/**
 * The part of the configuration a workflow reads, snapshot into its input, so that a run keeps what it started with.
 * No secret, at most 4 KiB.
 */
export const RunPolicy = z.strictObject({
  audio: BranchPolicy,
  visual: BranchPolicy,
  sync: z.strictObject({
    timeoutSeconds: z.number().positive(),
    requiredBranches: z.array(z.enum(['audio', 'visual'])),
    failureStrategy: z.enum(['partial_continue', 'fail_fast']),
  }),
  /** Fewer real pictures than this, and the video is `failed`. */
  /** Not in inputs recorded before clips were made. */
  clips: z.strictObject({ timeoutSeconds: z.number().positive() }).optional(),
  minRealPictures: z.int().positive(),
  /** Not in inputs recorded before there was a catalogue of pictures: they use none. */
  similarPictures: z.boolean().optional(),
  /** Likewise: not in older inputs. */
  rewriteRejectedPrompts: z.boolean().optional(),
});
export type RunPolicy = z.infer<typeof RunPolicy>;
