import { z } from 'zod';
import { ASPECT_RATIOS, FRAME_RATES, RESOLUTIONS } from './canvas.ts';
import { OwnMaterial } from './own-material.ts';

export const ASSET_TYPES = ['text_to_image', 'text_to_video'] as const;
export type AssetType = (typeof ASSET_TYPES)[number];

/** What was asked for, after validation and with every default filled in. The wire form is in contract/. */
export const VideoSpec = z.strictObject({
  theme: z.string().min(1).max(2000),
  /** Whole seconds; the film lasts exactly this. */
  durationSeconds: z.int().min(5).max(180),
  aspectRatio: z.enum(ASPECT_RATIOS),
  resolution: z.enum(RESOLUTIONS),
  fps: z.literal(FRAME_RATES),
  format: z.enum(['mp4', 'webm']),
  assetType: z.enum(ASSET_TYPES),
  visualStyle: z.string().max(200).nullable(),
  enableTts: z.boolean(),
  voiceType: z.string(),
  /** BCP 47, or `auto`: the language of the theme. */
  language: z.string(),
  captions: z.enum(['karaoke', 'line', 'none']),
  /** `auto`, `none`, or the sha256 of an uploaded audio asset. */
  bgm: z.string(),
  /** By scene, as asked; empty when everything is made. */
  ownMaterial: z.array(OwnMaterial),
  /** sha256 of an uploaded picture that the stills take after. */
  referenceImage: z.string().nullable(),
  /** 1 is served first. */
  priority: z.int().min(1).max(5),
  /** RFC 3339 time by which the film should be there. */
  deadline: z.string().nullable(),
  /** CNY. */
  maxCost: z.number().positive().nullable(),
});
export type VideoSpec = z.infer<typeof VideoSpec>;
