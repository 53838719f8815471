import { z } from 'zod';
import { CHECKPOINTS } from '../domain/checkpoint.ts';
import { SCENE_STATES, STAGES, VIDEO_STATUSES } from '../domain/progress.ts';
import { DRAFT_CHANNELS } from '../domain/service.ts';
import type { VideoEvent } from '../domain/video-event.ts';

const Branch = z.enum(['audio', 'visual']);
const about = {
  id: z.int().positive().describe('1, 2, 3, … within the video; what `Last-Event-ID` takes.'),
  at: z.iso.datetime(),
};

/** An event of a video as streams send it: the SSE event’s `data`, whose `id` and `event` say the same. */
export const WireEvent = z
  .discriminatedUnion('type', [
    z.strictObject({ ...about, type: z.literal('accepted') }),
    z.strictObject({ ...about, type: z.literal('stage_entered'), stage: z.enum(STAGES) }),
    z.strictObject({ ...about, type: z.literal('stage_left'), stage: z.enum(STAGES) }),
    z.strictObject({ ...about, type: z.literal('branch_started'), branch: Branch, scene_ids: z.array(z.string()) }),
    z.strictObject({
      ...about,
      type: z.literal('scene_settled'),
      branch: Branch,
      scene_id: z.string(),
      state: z.enum(SCENE_STATES),
      why: z.string().nullable(),
    }),
    z
      .strictObject({
        ...about,
        type: z.literal('draft_fallback'),
        channel: z.enum(DRAFT_CHANNELS),
        instead_of: z.enum(DRAFT_CHANNELS),
        why: z.string(),
      })
      .describe('The draft was made another way than the first that is configured.'),
    z.strictObject({ ...about, type: z.literal('cancelling') }),
    z
      .strictObject({ ...about, type: z.literal('restored'), checkpoint: z.enum(CHECKPOINTS).nullable() })
      .describe('A new run goes on from there; null when an operator has reset the run.'),
    z
      .strictObject({ ...about, type: z.literal('ended'), status: z.enum(VIDEO_STATUSES) })
      .describe('The last one, unless the video is restored.'),
  ])
  .meta({ id: 'VideoEvent' });
export type WireEvent = z.infer<typeof WireEvent>;

export function eventToWire({ id, at, event }: { id: number; at: string; event: VideoEvent }): WireEvent {
  switch (event.type) {
    case 'branch_started':
      return { id, at, type: event.type, branch: event.branch, scene_ids: event.sceneIds };
    case 'scene_settled': {
      const { sceneId, ...rest } = event;
      return { id, at, ...rest, scene_id: sceneId };
    }
    case 'draft_fallback': {
      const { insteadOf, ...rest } = event;
      return { id, at, ...rest, instead_of: insteadOf };
    }
    default:
      return { id, at, ...event };
  }
}
