import type { z } from 'zod';
import type { Asset as AssetSchema } from '../contract/asset.ts';
import type { CheckpointRequest, RestoreRequest } from '../contract/checkpoint.ts';
import type { Health as HealthSchema, Readiness as ReadinessSchema } from '../contract/health.ts';
import type { VideoRequest } from '../contract/video-request.ts';
import type * as video from '../contract/video.ts';

/** What a video is asked for with: the body of POST /api/v1/generate-video. */
export type VideoParams = z.input<typeof VideoRequest>;

export type {
  AcceptedVideo,
  CancelledVideo,
  Video,
  VideoList,
  VideoProgress,
  VideoSummary,
} from '../contract/video.ts';
export type ActiveVideo = z.infer<typeof video.ActiveVideo>;
/** What generateVideo resolves to. */
export type FinishedVideo = z.infer<typeof video.FinishedVideo>;
export type FailedVideo = z.infer<typeof video.FailedVideo>;
/** Cancelled, or terminated in Temporal. */
export type StoppedVideo = z.infer<typeof video.StoppedVideo>;
export type Degradation = z.infer<typeof video.WireDegradation>;
export type Cost = z.infer<typeof video.WireCost>;
export type VideoListQuery = z.input<typeof video.VideoListQuery>;

export type { LiveEvent, VideosSnapshot } from '../contract/live.ts';
export type { WireEvent as VideoEvent } from '../contract/video-event.ts';
export type { WireCheckpoint as Checkpoint, RestoredVideo } from '../contract/checkpoint.ts';
export type CheckpointName = NonNullable<z.input<typeof CheckpointRequest>['checkpoint']>;
export type RestoreParams = z.input<typeof RestoreRequest>;
export type { WireStyle as Style, WireVoice as Voice } from '../contract/catalogue.ts';
export type { ConfigView } from '../contract/config-view.ts';
export type { WireQueue as Queue, WireWorker as Worker } from '../contract/fleet.ts';
export type { Stats, StatsWindow } from '../contract/stats.ts';
export type { Estimate } from '../contract/estimate.ts';
export type Asset = z.infer<typeof AssetSchema>;
export type Health = z.infer<typeof HealthSchema>;
export type Readiness = z.infer<typeof ReadinessSchema>;
export type { ErrorBody, ErrorCode, FieldFault } from '../contract/error-body.ts';
