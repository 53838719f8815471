import { z } from 'zod';
import { CHANNELS } from './service.ts';

/** Where a scene's picture comes from; all but the first two are substitutions. */
export const PICTURE_ORIGINS = ['own', 'uploaded', 'similar', 'neighbour', 'title_card'] as const;
export type PictureOrigin = (typeof PICTURE_ORIGINS)[number];

/**
 * What a finished film is held to. The only place of these numbers; docs/render.md says why.
 * Loudness and peak: what the large platforms play at (EBU R 128 meter). Duration: one frame at 24 fps and AAC's own
 * frame. Captions: word and light are seen as one below about an eighth of a second. Tempo: where speech sounds natural.
 */
export const QUALITY_LIMITS = {
  loudnessLufs: { target: -14, tolerance: 1 },
  truePeakDbtp: -1,
  durationErrorMs: 50,
  captionTimingErrorMs: 120,
  narrationTempo: { least: 0.9, most: 1.2 },
} as const;

export const SceneQuality = z.strictObject({
  sceneId: z.string(),
  pictureSource: z.enum(PICTURE_ORIGINS),
  /** The way its own picture was bought; not of any other, nor in reports from before there were two ways. */
  pictureChannel: z.enum(CHANNELS).optional(),
  /** `silent`: the scene has captions only. */
  narration: z.enum(['spoken', 'silent']),
  /** How many times faster than recorded; null when silent. */
  narrationTempo: z.number().positive().nullable(),
});
export type SceneQuality = z.infer<typeof SceneQuality>;

/** A finished film as it was measured. */
export const QualityReport = z.strictObject({
  /** Integrated, of the decoded film; null when it is silent. */
  loudnessLufs: z.number().nullable(),
  truePeakDbtp: z.number().nullable(),
  /** The file's length against the length asked for. */
  durationErrorMs: z.number().nonnegative(),
  /** The most that a word lights up, or its caption stands, apart from where the recording says it; null without either. */
  captionTimingErrorMs: z.number().nonnegative().nullable(),
  scenes: z.array(SceneQuality),
  /** What misses its limit: `loudness`, `true_peak`, `duration`, `caption_timing`, `narration_tempo`, `picture:s2`, `narration:s3`. */
  belowThreshold: z.array(z.string()),
});
export type QualityReport = z.infer<typeof QualityReport>;
