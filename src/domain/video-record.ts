import { z } from 'zod';
import { Degradation } from './degradation.ts';
import { Cost } from './ledger-line.ts';
import { Progress, STAGES, VIDEO_STATUSES, type VideoStatus } from './progress.ts';
import { VideoResult } from './video-result.ts';
import { ASSET_TYPES } from './video-spec.ts';

/** Why a video failed, as far as it may be told. */
export const VideoFailure = z.strictObject({
  code: z.string(),
  message: z.string(),
  degradations: z.array(Degradation),
});
export type VideoFailure = z.infer<typeof VideoFailure>;

/** All that is known of a video, wherever it was read: what every answer about it is made of. */
export const VideoRecord = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  /** A video may be made by several runs, one after the other: the one that counts, and when Temporal started it. */
  runId: z.string(),
  runStartedAt: z.iso.datetime(),
  assetType: z.enum(ASSET_TYPES),
  status: z.enum(VIDEO_STATUSES),
  stage: z.enum(STAGES),
  /** Null before the run has told anything. */
  progress: Progress.nullable(),
  title: z.string().nullable(),
  /** Only of `success` and `partial`. */
  result: VideoResult.nullable(),
  /** Only of `failed`. */
  failure: VideoFailure.nullable(),
  /** What was paid, of a video without a result; null when nobody could tell. */
  cost: Cost.nullable(),
  createdAt: z.iso.datetime(),
  /** Null until Temporal says that the run has closed. */
  finishedAt: z.iso.datetime().nullable(),
});
export type VideoRecord = z.infer<typeof VideoRecord>;

/** The least that names a run; what its first mention in the read model is made of. */
export type VideoIdentity = Pick<VideoRecord, 'id' | 'tenant' | 'runId' | 'runStartedAt' | 'assetType' | 'createdAt'>;

/** How a run ended, as Temporal has it. */
export type VideoEnding = Pick<VideoRecord, 'status' | 'stage' | 'result' | 'failure' | 'cost'> & {
  finishedAt: string;
};

export const hasEnded = (status: VideoStatus): boolean =>
  status !== 'queued' && status !== 'running' && status !== 'cancelling';
