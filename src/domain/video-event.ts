import { z } from 'zod';
import { CHECKPOINTS } from './checkpoint.ts';
import { DRAFT_CHANNELS } from './service.ts';
import { ASSET_TYPES } from './video-spec.ts';
import { Progress, SCENE_STATES, STAGES, VIDEO_STATUSES } from './progress.ts';

const Branch = z.enum(['audio', 'visual']);

/** Something that happened to a video. Each is told once, in the order in which it happened. */
export const VideoEvent = z.discriminatedUnion('type', [
  /** A person asked for it, and its run is started. */
  z.strictObject({ type: z.literal('accepted') }),
  z.strictObject({ type: z.literal('stage_entered'), stage: z.enum(STAGES) }),
  z.strictObject({ type: z.literal('stage_left'), stage: z.enum(STAGES) }),
  z.strictObject({ type: z.literal('branch_started'), branch: Branch, sceneIds: z.array(z.string()) }),
  z.strictObject({
    type: z.literal('scene_settled'),
    branch: Branch,
    sceneId: z.string(),
    state: z.enum(SCENE_STATES),
    why: z.string().nullable(),
  }),
  /** The draft is there, and was made another way than it should have been. */
  z.strictObject({
    type: z.literal('draft_fallback'),
    channel: z.enum(DRAFT_CHANNELS),
    insteadOf: z.enum(DRAFT_CHANNELS),
    why: z.string(),
  }),
  /** It is to end, and settles what is paid. */
  z.strictObject({ type: z.literal('cancelling') }),
  /** A new run goes on from there; null when nobody said from where, as when an operator has reset the run in Temporal. */
  z.strictObject({ type: z.literal('restored'), checkpoint: z.enum(CHECKPOINTS).nullable() }),
  /** Nothing more will happen, unless it is restored. Written only when Temporal says that the run has closed. */
  z.strictObject({ type: z.literal('ended'), status: z.enum(VIDEO_STATUSES) }),
]);
export type VideoEvent = z.infer<typeof VideoEvent>;

/** What a run tells of itself whenever something has happened: all of it so far, so that no report depends on another. */
export const RunReport = z.strictObject({
  video: z.strictObject({ id: z.string(), tenant: z.string(), assetType: z.enum(ASSET_TYPES) }),
  events: z.array(z.strictObject({ at: z.iso.datetime(), event: VideoEvent })),
  progress: Progress,
  title: z.string().nullable(),
  /** It is about to close: how is for Temporal to say. */
  closing: z.boolean(),
});
export type RunReport = z.infer<typeof RunReport>;
