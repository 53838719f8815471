import { z } from 'zod';
import { AssetRef } from '../domain/asset.ts';
import { FRAME_RATES } from '../domain/canvas.ts';
import { LABEL_POSITIONS } from '../domain/config-files.ts';

/**
 * The film as one pure, provider-free description: the renderer and every draft writer are readers of it.
 * All times are integer microseconds on frame boundaries (`usOfFrame`), from the start of the film; only the times of
 * single words may lie between frames.
 */
const Us = z.int().nonnegative();
const Span = { startUs: Us, durationUs: z.int().positive() };

/** A window into a picture: zoom 1 shows all of it; x and y (0–1) say where the window lies in what is left over. */
const Window = z.strictObject({ zoom: z.number().min(1), x: z.number().min(0).max(1), y: z.number().min(0).max(1) });
export const Motion = z.strictObject({ from: Window, to: Window });
export type Motion = z.infer<typeof Motion>;

export const PictureSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('still'), asset: AssetRef }),
  /**
   * Moving pictures from their first frame on, without their sound. Where a clip at this speed is shorter than its time
   * on screen, it goes round: its end dissolves into its beginning.
   */
  z.strictObject({
    kind: z.literal('clip'),
    asset: AssetRef,
    sourceDurationUs: z.int().positive(),
    /** Below 1 it is played slower than it was made. */
    speed: z.number().min(0.5).max(1),
  }),
  /** A typographic card, for a scene that has no picture and no neighbour to borrow one from. */
  z.strictObject({ kind: z.literal('title_card'), text: z.string() }),
]);
export type PictureSource = z.infer<typeof PictureSource>;

export const PictureSegment = z.strictObject({
  sceneId: z.string(),
  ...Span,
  source: PictureSource,
  motion: Motion,
  /** Crossfade from the segment before, centred on this segment's start; an odd count of frames. 0 is a hard cut. */
  transitionUs: Us,
});
export type PictureSegment = z.infer<typeof PictureSegment>;

export const NarrationSegment = z.strictObject({
  sceneId: z.string(),
  ...Span,
  asset: AssetRef,
  /** Length of the recording before the tempo is applied; the segment's own length is rounded up to a frame, so nothing is cut. */
  sourceDurationUs: z.int().positive(),
  /** Played this many times faster than recorded (ffmpeg atempo). */
  tempo: z.number().min(0.5).max(2),
  volumeDb: z.number(),
  /** The recording's word timings (`WordTiming[]` as JSON), for those who check the captions against them. */
  words: AssetRef.optional(),
});
export type NarrationSegment = z.infer<typeof NarrationSegment>;

export const MUSIC_BEDS = ['calm', 'bright', 'deep'] as const;
export type MusicBed = (typeof MUSIC_BEDS)[number];

export const MusicSource = z.discriminatedUnion('kind', [
  /** One of the beds that come with the product. */
  z.strictObject({ kind: z.literal('bed'), name: z.enum(MUSIC_BEDS) }),
  z.strictObject({ kind: z.literal('asset'), asset: AssetRef }),
]);
export type MusicSource = z.infer<typeof MusicSource>;

export const MusicSegment = z.strictObject({
  ...Span,
  source: MusicSource,
  volumeDb: z.number(),
  fadeInUs: Us,
  fadeOutUs: Us,
  /** Lowered under narration by sidechain compression. */
  ducked: z.boolean(),
});
export type MusicSegment = z.infer<typeof MusicSegment>;

export const CaptionSegment = z.strictObject({
  sceneId: z.string(),
  ...Span,
  /** As shown: one string per line, at most two. */
  lines: z.array(z.string()).min(1).max(2),
  /** Tokens whose texts join to the lines' text (`lines.join('')`), none across two lines; null in line mode. */
  words: z.array(z.strictObject({ text: z.string(), startUs: Us, endUs: Us })).nullable(),
});
export type CaptionSegment = z.infer<typeof CaptionSegment>;

/** A text over the picture that is no caption: the AI label. Inside the safe margins, in a corner. */
export const LabelSegment = z.strictObject({
  ...Span,
  text: z.string().min(1),
  position: z.enum(LABEL_POSITIONS),
  /** Height of capital letters as a share of the canvas's shorter side. */
  textHeight: z.number().positive().max(0.5),
});
export type LabelSegment = z.infer<typeof LabelSegment>;

/** A scene's few words, large over its picture. */
export const TitleSegment = z.strictObject({
  sceneId: z.string(),
  ...Span,
  /** As shown: one string per line, at most two. */
  lines: z.array(z.string()).min(1).max(2),
});
export type TitleSegment = z.infer<typeof TitleSegment>;

export const Timeline = z.strictObject({
  version: z.literal(1),
  canvas: z.strictObject({ width: z.int().positive(), height: z.int().positive() }),
  fps: z.literal(FRAME_RATES),
  durationUs: z.int().positive(),
  title: z.string(),
  language: z.string(),
  tracks: z.strictObject({
    pictures: z.array(PictureSegment).min(1),
    narration: z.array(NarrationSegment),
    music: z.array(MusicSegment),
    captions: z.array(CaptionSegment),
    /** Timelines stored before there were labels have none. */
    labels: z.array(LabelSegment).default([]),
    /** Likewise. */
    titles: z.array(TitleSegment).default([]),
  }),
});
export type Timeline = z.infer<typeof Timeline>;
