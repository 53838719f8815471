import { z } from 'zod';

// What Doubao's tools answer, as far as we read it: lenient, because a field that they add or drop must not cost a purchase.

/** The answer's envelope: the object in `structuredContent.result`, and the same as text. */
export const ToolAnswer = z.object({
  isError: z.boolean().nullish().catch(null),
  structuredContent: z.object({ result: z.unknown() }).nullish().catch(null),
  content: z
    .array(z.object({ text: z.string().nullish().catch(null) }))
    .nullish()
    .catch(null),
});

/** `isError` stays false on what the tool itself calls a failure. */
export const ToolFailure = z.object({ success: z.literal(false), error: z.unknown() });

const HttpUrl = z
  .url({ protocol: /^https?$/ })
  .nullish()
  .catch(null);

export const PictureResult = z.object({
  success: z.literal(true),
  model: z.string().nullish().catch(null),
  image_url: HttpUrl,
  images: z
    .array(z.object({ url: HttpUrl }))
    .nullish()
    .catch(null),
});

export const CreatedTaskResult = z.object({
  success: z.literal(true),
  task_id: z.string().min(1),
  model: z.string().nullish().catch(null),
});

const Code = z.union([z.string(), z.number()]).transform(String);
const TaskError = z.object({ code: Code, message: z.string().nullish() }).nullish().catch(null);

/** Ark's own task; in lists its error has another name. */
const ArkTask = z.object({
  id: z.string().min(1),
  model: z.string().nullish().catch(null),
  status: z.string(),
  content: z.object({ video_url: HttpUrl }).nullish().catch(null),
  usage: z.object({ completion_tokens: z.number().nullish() }).nullish().catch(null),
  seed: z.number().nullish().catch(null),
  error: TaskError,
  failure_reason: TaskError,
  created_at: z.number().nullish().catch(null),
});
export type ArkTask = z.infer<typeof ArkTask>;

export const TaskResult = z.object({ success: z.literal(true), raw: ArkTask });
/** A task that cannot be read does not hide the others. */
export const TaskListResult = z.object({
  success: z.literal(true),
  raw: z.object({ items: z.array(ArkTask.nullable().catch(null)) }),
});
export const CancelResult = z.object({ success: z.literal(true) });
