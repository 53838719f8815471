import { z } from 'zod';
import { AssetRef } from './asset.ts';
import { Degradation } from './degradation.ts';
import { Cost } from './ledger-line.ts';
import { QualityReport } from './quality.ts';
import { DRAFT_CHANNELS } from './service.ts';

/** What a finished run returns: the workflow's result, and the source of the API's finished `data`. */
export const VideoResult = z.strictObject({
  status: z.enum(['success', 'partial']),
  title: z.string(),
  video: AssetRef,
  cover: AssetRef,
  /** SRT; null when captions were not asked for. */
  captions: AssetRef.nullable(),
  /** The same as ASS. */
  subtitles: AssetRef.nullable(),
  /** The Timeline the film was rendered from, as JSON. */
  timeline: AssetRef,
  /** Null when it could not be written; `degradations` says why. */
  draft: z
    .strictObject({
      /** Name of its folder. */
      id: z.string(),
      /** That folder, as application/zip. */
      zip: AssetRef,
      /** Who made it; not in results of earlier releases, when we always did. */
      channel: z.enum(DRAFT_CHANNELS).optional(),
    })
    .nullable(),
  durationSeconds: z.number(),
  quality: QualityReport,
  degradations: z.array(Degradation),
  /** Null when the ledger cannot be read. */
  cost: Cost.nullable(),
  /** True when any part came from the local sandbox instead of the real providers. */
  sandbox: z.boolean(),
});
export type VideoResult = z.infer<typeof VideoResult>;

/** What a failed run carries in its failure's details. */
export const FailureReport = z.strictObject({
  code: z.string(),
  message: z.string(),
  degradations: z.array(Degradation),
  cost: Cost.nullable(),
});
export type FailureReport = z.infer<typeof FailureReport>;
