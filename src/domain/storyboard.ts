import { z } from 'zod';

/** The longest of each text that a storyboard holds; the schema files of config/prompts may only be stricter. */
export const STORYBOARD_LIMITS = {
  title: 80,
  narration: 400,
  subject: 300,
  look: 200,
  onScreenText: 60,
  /** As composed: the vendor advises at most 300 Chinese characters, which are 900 bytes. */
  imagePromptBytes: 900,
} as const;

export const SHOTS = ['clip', 'still'] as const;

/** One beat of the story. `id` is `s1`, `s2`, … in the film's order. */
export const Scene = z.strictObject({
  id: z.string().regex(/^s\d{1,3}$/),
  /** What is spoken, and captioned. */
  narration: z.string().min(1).max(STORYBOARD_LIMITS.narration),
  /** What the image model is asked for, whole: composed by composePicturePrompt. */
  imagePrompt: z.string().min(1).max(STORYBOARD_LIMITS.imagePromptBytes),
  /** A few words to be drawn large, where they help; null for most scenes. */
  onScreenText: z.string().min(1).max(STORYBOARD_LIMITS.onScreenText).nullable().default(null),
  /** Whether its picture moves; only in films of clips. */
  shot: z.enum(SHOTS).optional(),
});

export const MAX_SCENES = 40;

export const Storyboard = z.strictObject({
  title: z.string().min(1).max(STORYBOARD_LIMITS.title),
  /** BCP 47 language of the narration. */
  language: z.string().min(2).max(35),
  /** Who or what recurs, described once; in each picture's prompt in these words. */
  subject: z.string().max(STORYBOARD_LIMITS.subject).default(''),
  /** Light, colours and manner of the whole film; likewise in each prompt. */
  look: z.string().max(STORYBOARD_LIMITS.look).default(''),
  scenes: z.array(Scene).min(1).max(MAX_SCENES),
});

/** As histories hold them: those written before a field existed come back without it, and workflow code parses nothing. */
export type Scene = z.input<typeof Scene>;
export type Storyboard = z.input<typeof Storyboard>;

/** As its author has left it. */
export interface WrittenStoryboard extends Storyboard {
  /** The critic is on, and the deadline was too near for it. */
  criticLeftOut?: boolean;
}
