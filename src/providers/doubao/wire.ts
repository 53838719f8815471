import { z } from 'zod';
import { CLIP_STATES } from './interfaces.ts';

// Doubao's JSON, as far as we read it: lenient, because a field that they add or drop must not cost a purchase.

/** Ark says numbers and strings for codes in different places; both become strings. */
const Code = z.union([z.string(), z.number()]).transform(String);

export const ArkErrorBody = z.object({ code: Code, message: z.string().nullish() });
export type ArkErrorBody = z.infer<typeof ArkErrorBody>;

export const ArkErrorEnvelope = z.object({ error: ArkErrorBody });

export const ArkChatAnswer = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish().catch(null),
});
export type ArkChatAnswer = z.infer<typeof ArkChatAnswer>;

export const ArkImageAnswer = z.object({
  model: z.string().nullish(),
  data: z.array(z.object({ url: z.string().nullish(), error: ArkErrorBody.nullish() })).nullish(),
  usage: z.object({ generated_images: z.number().nullish() }).nullish().catch(null),
  error: ArkErrorBody.nullish(),
});
export type ArkImageAnswer = z.infer<typeof ArkImageAnswer>;

export const ArkClipCreated = z.object({ id: z.string().min(1) });

/** A task as GET tells it. A state that nobody knows is a fault: to go on waiting could mean for ever. */
export const ArkClipTask = z.object({
  id: z.string().min(1),
  model: z.string().nullish(),
  status: z.enum(CLIP_STATES),
  content: z.object({ video_url: z.string().nullish() }).nullish(),
  usage: z.object({ completion_tokens: z.number().nonnegative().nullish() }).nullish().catch(null),
  seed: z.number().nullish().catch(null),
  /** GET's word for why it failed, and the list's. */
  error: ArkErrorBody.nullish(),
  failure_reason: ArkErrorBody.nullish(),
  created_at: z.number().nullish().catch(null),
});
export type ArkClipTask = z.infer<typeof ArkClipTask>;

export const ArkClipList = z.object({ total: z.number().nullish(), items: z.array(ArkClipTask).nullish() });

/** pgvector keeps no more of them. */
const MAX_DIMENSIONS = 16_000;
const ArkVector = z.object({ embedding: z.array(z.number()).min(1).max(MAX_DIMENSIONS) });

/** A list of one for text; the multimodal endpoint makes one of everything, and says no list. */
export const ArkEmbeddingAnswer = z.object({
  model: z.string().nullish(),
  data: z.union([ArkVector, z.tuple([ArkVector]).transform(([only]) => only)]),
  usage: z.object({ prompt_tokens: z.number().nonnegative() }).nullish().catch(null),
});

/** V1's answer, success or not; `addition.frontend` is JSON inside a string. */
export const SpeechV1Answer = z.object({
  code: z.number(),
  message: z.string().nullish(),
  data: z.string().nullish(),
  addition: z.object({ frontend: z.string().nullish() }).nullish().catch(null),
});
export type SpeechV1Answer = z.infer<typeof SpeechV1Answer>;

export const SpeechV1Frontend = z.object({
  words: z.array(z.object({ word: z.string(), start_time: z.number(), end_time: z.number() })).nullish(),
});

/** One line of V3's stream. */
export const SpeechV3Frame = z.object({
  code: z.number(),
  message: z.string().nullish(),
  data: z.string().nullish(),
  sentence: z
    .object({
      words: z.array(z.object({ word: z.string(), startTime: z.number(), endTime: z.number() })).nullish(),
    })
    .nullish()
    // Timings that cannot be read must not lose audio that was paid for.
    .catch(null),
  usage: z.object({ text_words: z.number().nullish() }).nullish().catch(null),
});
export type SpeechV3Frame = z.infer<typeof SpeechV3Frame>;

/** A rejection before V3's stream: in a header object, or bare. */
export const SpeechRejection = z.union([
  z.object({ header: z.object({ code: z.number(), message: z.string().nullish() }) }).transform(({ header }) => header),
  z.object({ code: z.number(), message: z.string().nullish() }),
]);
