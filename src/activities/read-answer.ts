import type { z } from 'zod';
import { type AnswerSchema, answerCheck } from '../domain/prompt-files.ts';

/** A model's answer after a check, or what is wrong with it in words that the model can be told. */
export type Read<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/** As many as help to mend a document; the rest follows from them. */
const MAX_PROBLEMS = 10;

/** One JSON document that fits both the schema the model was given and what the code reads. */
export function readAnswer<T>(
  content: string,
  { schema, shape }: { schema: AnswerSchema; shape: z.ZodType<T> },
): Read<T> {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    return { ok: false, problems: ['it is not one JSON document'] };
  }
  const asked = answerCheck(schema).safeParse(json);
  if (!asked.success) return { ok: false, problems: problemsOf(asked.error) };
  const read = shape.safeParse(json);
  return read.success ? { ok: true, value: read.data } : { ok: false, problems: problemsOf(read.error) };
}

const problemsOf = (error: z.ZodError): string[] =>
  error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).slice(0, MAX_PROBLEMS);

/** On one line, without control characters or marks that turn the text's direction around what follows. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
