import { z } from 'zod';

export const VIDEO_STATUSES = [
  'queued',
  'running',
  'cancelling',
  'success',
  'partial',
  'failed',
  'cancelled',
  'terminated',
] as const;
export type VideoStatus = (typeof VIDEO_STATUSES)[number];

export const STAGES = ['script', 'assets', 'compose', 'deliver'] as const;
export type Stage = (typeof STAGES)[number];

export const SCENE_STATES = ['pending', 'complete', 'failed', 'skipped'] as const;

export const BranchProgress = z.strictObject({
  settled: z.int().nonnegative(),
  total: z.int().nonnegative(),
  scenes: z.array(
    z.strictObject({
      sceneId: z.string(),
      state: z.enum(SCENE_STATES),
      /** Why it failed or was skipped; null otherwise. */
      why: z.string().nullable(),
    }),
  ),
});
export type BranchProgress = z.infer<typeof BranchProgress>;

/** Why a run stands still, and until when (RFC 3339; null when that is not known). */
export const Waiting = z.strictObject({ reason: z.string(), until: z.string().nullable() });
export type Waiting = z.infer<typeof Waiting>;

/** How far the film is rendered; the render's heartbeats carry it. */
export const RenderProgress = z.strictObject({ doneFrames: z.int().nonnegative(), totalFrames: z.int().positive() });
export type RenderProgress = z.infer<typeof RenderProgress>;

/** What the `progress` query answers. */
export const Progress = z.strictObject({
  status: z.enum(VIDEO_STATUSES),
  stage: z.enum(STAGES),
  waiting: Waiting.nullable(),
  branches: z.strictObject({ audio: BranchProgress.nullable(), visual: BranchProgress.nullable() }),
});
export type Progress = z.infer<typeof Progress>;
