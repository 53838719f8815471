import { z } from 'zod';

/** One beat of the story. `id` is `s1`, `s2`, … in the film's order. */
export const Scene = z.strictObject({
  id: z.string().regex(/^s\d{1,3}$/),
  /** What is spoken, and captioned. */
  narration: z.string().min(1).max(400),
  /** What the picture shows, for the image model. */
  imagePrompt: z.string().min(1).max(800),
});
export type Scene = z.infer<typeof Scene>;

export const MAX_SCENES = 40;

export const Storyboard = z.strictObject({
  title: z.string().min(1).max(80),
  /** BCP 47 language of the narration. */
  language: z.string().min(2).max(35),
  scenes: z.array(Scene).min(1).max(MAX_SCENES),
});
export type Storyboard = z.infer<typeof Storyboard>;
