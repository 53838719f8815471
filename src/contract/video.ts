import { z } from 'zod';
import { RECOVERY_STRATEGIES } from '../domain/error-table.ts';
import { DEGRADED_PARTS } from '../domain/degradation.ts';
import { PURCHASE_PURPOSES } from '../domain/ledger-line.ts';
import { PICTURE_ORIGINS } from '../domain/quality.ts';
import { CHANNELS } from '../domain/service.ts';
import { SCENE_STATES, STAGES, VIDEO_STATUSES } from '../domain/progress.ts';
import { DRAFT_CHANNELS } from '../domain/service.ts';
import { ASSET_TYPES } from '../domain/video-spec.ts';
import { VIDEO_ID_PATTERN } from '../domain/ids.ts';
import { AssetTypeWord } from './video-request.ts';

const VIDEO_ID = { error: 'must be the id of a video: v and 26 characters' };
export const VideoId = z
  .string(VIDEO_ID)
  .regex(VIDEO_ID_PATTERN, VIDEO_ID)
  .describe('`v` and 26 characters.')
  .meta({ id: 'VideoId' });
const Stage = z.enum(STAGES).describe('Which part of the work it is in, or ended in.').meta({ id: 'Stage' });
const Waiting = z
  .strictObject({ reason: z.string().describe('Such as `no_worker`.'), until: z.iso.datetime().nullable() })
  .nullable()
  .describe('Why it stands still, and until when; null when it does not.')
  .meta({ id: 'Waiting' });

export const AcceptedVideo = z
  .strictObject({
    id: VideoId,
    status: z.enum(VIDEO_STATUSES).describe('`queued`, or the present status when the request is a replay.'),
    stage: Stage,
    waiting: Waiting,
    urls: z.strictObject({
      self: z.url().describe('Where to ask how it stands.'),
      temporal_ui: z.url().optional().describe('The run in the Temporal Web UI; only on the one-machine stack.'),
    }),
  })
  .meta({ id: 'AcceptedVideo' });
export type AcceptedVideo = z.infer<typeof AcceptedVideo>;

const BranchProgress = z
  .strictObject({
    settled: z.int().nonnegative(),
    total: z.int().nonnegative(),
    scenes: z.array(
      z.strictObject({
        scene_id: z.string(),
        state: z.enum(SCENE_STATES),
        why: z.string().nullable().describe('Why it failed or was skipped.'),
      }),
    ),
  })
  .meta({ id: 'BranchProgress' });

export const VideoProgress = z
  .strictObject({
    branches: z.strictObject({ audio: BranchProgress.nullable(), visual: BranchProgress.nullable() }),
    render: z
      .strictObject({ done_frames: z.int().nonnegative(), total_frames: z.int().positive() })
      .nullable()
      .describe('How far the render is, to the second or so; null while no film is being rendered.'),
  })
  .meta({ id: 'VideoProgress' });
export type VideoProgress = z.infer<typeof VideoProgress>;

export const WireDegradation = z
  .strictObject({
    scene_id: z.string().nullable().describe('Null when it concerns the whole film.'),
    what: z.enum(DEGRADED_PARTS),
    why: z.string().describe('A stable code.'),
    detail: z.string().describe('For people.'),
    replaced_by: z.string(),
  })
  .meta({ id: 'Degradation' });

export const WireCost = z
  .strictObject({
    currency: z.literal('CNY'),
    total: z.number().nonnegative(),
    lines: z.array(
      z.strictObject({
        scene_id: z.string().nullable(),
        purpose: z.enum(PURCHASE_PURPOSES),
        attempt: z.int().positive(),
        provider: z.string(),
        channel: z.enum(CHANNELS).describe('The way it was sent.'),
        model: z.string(),
        seed: z.int().nullable().describe('What a picture was made with; null for what has none.'),
        prompt_sha256: z.string().nullable().describe('Hash of the prompt, or of the spoken text.'),
        units: z.record(z.string(), z.number()),
        price: z.number().nonnegative(),
        basis: z.enum(['estimated', 'reported']),
        state: z.enum(['bought', 'unused', 'unknown']),
        at: z.string(),
      }),
    ),
  })
  .describe('What was paid and what made what, line by line, in CNY by the price table.')
  .meta({ id: 'Cost' });

export const WireQuality = z
  .strictObject({
    loudness_lufs: z.number().nullable().describe('Integrated, of the finished film; null when it is silent.'),
    true_peak_dbtp: z.number().nullable(),
    duration_error_ms: z.number().nonnegative(),
    caption_timing_error_ms: z.number().nonnegative().nullable(),
    scenes: z.array(
      z.strictObject({
        scene_id: z.string(),
        picture_source: z.enum(PICTURE_ORIGINS),
        picture_channel: z
          .enum(CHANNELS)
          .nullable()
          .describe('The way its own picture was bought; null when it shows another, or when it is not known.'),
        narration: z.enum(['spoken', 'silent']),
        narration_tempo: z.number().positive().nullable(),
      }),
    ),
    below_threshold: z.array(z.string()).describe('What misses its limit; empty when all is well.'),
  })
  .describe('The finished film, measured.')
  .meta({ id: 'Quality' });

const Title = z.string().nullable().describe('The script’s; null before there is one, and while the database is away.');
const common = {
  id: VideoId,
  title: Title,
  stage: Stage,
  waiting: Waiting,
  created_at: z.iso.datetime(),
  asset_type: z.enum(ASSET_TYPES),
};
const ended = { ...common, finished_at: z.iso.datetime(), progress: z.null() };

export const ActiveVideo = z
  .strictObject({
    ...common,
    status: z.enum(['queued', 'running', 'cancelling']),
    finished_at: z.null(),
    progress: VideoProgress.nullable().describe(
      'As the run has told it; null before it has, and when nobody can be asked.',
    ),
    cost: WireCost.nullable().describe(
      'What was paid until now: `bought` is answered, `unknown` is on its way or was never answered. Null while the database is away.',
    ),
  })
  .meta({ id: 'ActiveVideo' });

export const FinishedVideo = z
  .strictObject({
    ...ended,
    status: z
      .enum(['success', 'partial'])
      .describe('`partial` when anything is not as asked; `degradations` says what.'),
    title: z.string(),
    video_url: z.url(),
    duration: z.number().describe('Seconds.'),
    draft_id: z.string().nullable().describe('Name of the draft’s folder; null when it could not be written.'),
    draft_url: z.url().nullable().describe('The CapCut/JianYing draft, as a ZIP.'),
    draft_channel: z
      .enum(DRAFT_CHANNELS)
      .nullable()
      .describe('Who made the draft: CapCutAPI over MCP or over HTTP, or this product itself; null without a draft.'),
    cover_url: z.url(),
    captions_url: z.url().nullable().describe('SRT; null when captions were not asked for.'),
    subtitles_url: z.url().nullable().describe('The same captions as ASS, as they are drawn.'),
    quality: WireQuality,
    degradations: z.array(WireDegradation),
    cost: WireCost.nullable().describe('Null when the ledger cannot be read.'),
    sandbox: z.boolean().describe('True when any part came from the local sandbox.'),
  })
  .meta({ id: 'FinishedVideo' });

export const FailedVideo = z
  .strictObject({
    ...ended,
    status: z.literal('failed'),
    error: z.strictObject({
      code: z.string().describe('A stable code; docs/errors.md has them all.'),
      message: z.string().describe('For people.'),
      category: z.enum(['PERMANENT', 'TEMPORARY']).describe('Whether the same request can succeed later.'),
      severity: z.enum(['low', 'medium', 'high']),
      recovery_strategy: z.enum(RECOVERY_STRATEGIES),
    }),
    degradations: z.array(WireDegradation),
    cost: WireCost.nullable().describe('Null when the run ended without an account.'),
  })
  .meta({ id: 'FailedVideo' });

export const StoppedVideo = z
  .strictObject({
    ...ended,
    status: z.enum(['cancelled', 'terminated']),
    cost: WireCost.nullable().describe('What was paid until then; null when the run could not tell.'),
  })
  .meta({ id: 'StoppedVideo' });

export const Video = z
  .discriminatedUnion('status', [ActiveVideo, FinishedVideo, FailedVideo, StoppedVideo])
  .meta({ id: 'Video' });
export type Video = z.infer<typeof Video>;

export const CancelledVideo = z
  .strictObject({ id: VideoId, status: z.enum(['cancelling', 'cancelled']) })
  .meta({ id: 'CancelledVideo' });
export type CancelledVideo = z.infer<typeof CancelledVideo>;

const MAX_LIST_LIMIT = 100;
const LIMIT = { error: `must be a whole number from 1 to ${MAX_LIST_LIMIT}` };
export const VideoListQuery = z.strictObject({
  status: z.enum(VIDEO_STATUSES, { error: `must be one of ${VIDEO_STATUSES.join(', ')}` }).optional(),
  asset_type: AssetTypeWord.optional(),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(MAX_LIST_LIMIT, LIMIT).default(20),
  cursor: z
    .string({ error: 'must be given once' })
    .regex(/^[\w-]{1,4096}$/, { error: 'must be the next_cursor of an earlier answer' })
    .optional()
    .describe('`next_cursor` of the page before.'),
});
export type VideoListQuery = z.infer<typeof VideoListQuery>;

export const VideoSummary = z
  .strictObject({
    id: VideoId,
    status: z.enum(VIDEO_STATUSES),
    stage: Stage,
    asset_type: z.enum(ASSET_TYPES),
    title: Title,
    created_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'VideoSummary' });
export type VideoSummary = z.infer<typeof VideoSummary>;

export const VideoList = z
  .strictObject({
    videos: z.array(VideoSummary),
    next_cursor: z.string().nullable().describe('Null on the last page.'),
  })
  .meta({ id: 'VideoList' });
export type VideoList = z.infer<typeof VideoList>;
