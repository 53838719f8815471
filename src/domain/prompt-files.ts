import { z } from 'zod';
import { SHOTS, STORYBOARD_LIMITS } from './storyboard.ts';

/** What a chat model is told and the form it must answer in: `<name>.md` and `<name>.schema.json` of config/prompts. */
export interface Prompt {
  instructions: string;
  /** A JSON Schema, as the file has it: numbers that depend on the film are filled in for each request. */
  schema: AnswerSchema;
}

export type AnswerSchema = Record<string, unknown>;

/** Enough for any wording; what is longer was put there by mistake, and is paid for with every film. */
const MAX_INSTRUCTIONS = 20_000;

export const Instructions = z
  .string()
  .max(MAX_INSTRUCTIONS)
  .refine((text) => text.trim() !== '', 'it is empty');

/** Strict answers have every field; what the code reads must be among them. */
const requiring = (...names: [string, ...string[]]) =>
  z.array(z.string()).refine((given) => names.every((name) => given.includes(name)), {
    error: `must name ${names.join(', ')}`,
  });

/** A text with a limit, so that an answer that fits the file always fits what is made of it. */
const textOf = (most: number) => z.looseObject({ type: z.literal('string'), maxLength: z.int().min(1).max(most) });
const textOrNull = (most: number) => z.looseObject({ maxLength: z.int().min(1).max(most) });
const listOf = <T extends z.ZodType>(items: T) => z.looseObject({ type: z.literal('array'), items });

const { title, narration, subject, look, onScreenText, imagePromptBytes } = STORYBOARD_LIMITS;

/** What each file must ask for, whatever else a person adds to it. */
const NEEDS = {
  storyboard: z.looseObject({
    type: z.literal('object'),
    required: requiring('title', 'subject', 'look', 'scenes'),
    properties: z.looseObject({
      title: textOf(title),
      subject: textOf(subject),
      look: textOf(look),
      scenes: listOf(
        z.looseObject({
          required: requiring('narration', 'image_prompt', 'on_screen_text'),
          properties: z.looseObject({
            narration: textOf(narration),
            image_prompt: textOf(imagePromptBytes),
            on_screen_text: textOrNull(onScreenText),
          }),
        }),
      ),
    }),
  }),
  critique: z.looseObject({
    type: z.literal('object'),
    required: requiring('corrections'),
    properties: z.looseObject({
      corrections: listOf(
        z.looseObject({
          required: requiring('scene', 'narration', 'image_prompt'),
          properties: z.looseObject({ narration: textOrNull(narration), image_prompt: textOrNull(imagePromptBytes) }),
        }),
      ),
    }),
  }),
  rewrite: z.looseObject({
    type: z.literal('object'),
    required: requiring('lines'),
    properties: z.looseObject({
      lines: listOf(
        z.looseObject({ required: requiring('scene', 'text'), properties: z.looseObject({ text: textOf(narration) }) }),
      ),
    }),
  }),
  picture_prompt: z.looseObject({
    type: z.literal('object'),
    required: requiring('image_prompt'),
    properties: z.looseObject({ image_prompt: textOf(imagePromptBytes) }),
  }),
} as const;

export type PromptName = keyof typeof NEEDS;
export const PROMPT_NAMES = Object.keys(NEEDS) as PromptName[];
export type Prompts = Record<PromptName, Prompt>;

/** The check of an answer, made from the very schema that the model was given. @throws when zod cannot express it. */
export function answerCheck(schema: AnswerSchema): z.ZodType {
  return z.fromJSONSchema(schema);
}

/** Every fault of a schema file, empty when it can be used. */
export function faultsOfSchema(name: PromptName, schema: unknown): string | null {
  const needed = NEEDS[name].safeParse(schema);
  if (!needed.success) return z.prettifyError(needed.error);
  try {
    answerCheck(needed.data);
    return null;
  } catch (error) {
    return `it is not a JSON Schema that answers can be checked with (${error instanceof Error ? error.message : 'unknown'})`;
  }
}

/** The storyboard's schema for a film of clips: each scene also says whether its picture moves. */
export function withShots(schema: AnswerSchema): AnswerSchema {
  const properties = schema.properties as { scenes: { items: AnswerSchema } };
  const { items } = properties.scenes;
  const shot = { type: 'string', enum: [...SHOTS], description: 'Whether its picture moves' };
  const withShot = {
    ...items,
    required: [...(items.required as string[]), 'shot'],
    properties: { ...(items.properties as object), shot },
  };
  return { ...schema, properties: { ...properties, scenes: { ...properties.scenes, items: withShot } } };
}

/** The schema with exactly `count` entries in its list, which only the film decides. */
export function withCount(schema: AnswerSchema, list: string, count: { least: number; most: number }): AnswerSchema {
  const properties = schema.properties as Record<string, object>;
  const counted = { ...properties[list], minItems: count.least, maxItems: count.most };
  return { ...schema, properties: { ...properties, [list]: counted } };
}
