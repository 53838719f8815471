import type { ProviderError } from '../../domain/errors.ts';
import {
  outcomeUnknown,
  type PaidAnswer,
  providerError,
  readAnswer,
  sendPaidPost,
  unreadableAnswer,
} from '../paid-post.ts';
import { printable } from '../error-code.ts';
import type { ServicePool } from '../pool.ts';
import { classifyArkError } from './ark-errors.ts';
import type { Ark, ChatAnswer, ChatRequest, ImageAnswer, ImageRequest } from './interfaces.ts';
import { findImageModel } from './models.ts';
import { ArkChatAnswer, type ArkErrorBody, ArkErrorEnvelope, ArkImageAnswer, parseJson } from './wire.ts';

/** Pictures come as URLs, so that an answer is text: the longest script is far below this. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface ArkOptions {
  /** Up to and with `/api/v3`. */
  baseUrl: string;
  apiKey: string;
  pool: ServicePool;
  /** The model whose limits apply when an image request names an `ep-…` id. */
  imageFamily?: string | null;
  answerTimeoutMs?: number;
}

/** Doubao over Ark: each method is one paid HTTP request, sent once and never aborted. */
export function createArk({ baseUrl, apiKey, pool, imageFamily = null, answerTimeoutMs }: ArkOptions): Ark {
  return {
    async chat(request: ChatRequest): Promise<ChatAnswer> {
      return readChat(await post('/chat/completions', chatBody(request)), request);
    },
    async createImage(request: ImageRequest): Promise<ImageAnswer> {
      return readImage(await post('/images/generations', imageBody(request, imageFamily)), request);
    },
  };

  async function post(path: string, body: unknown): Promise<ArkReply> {
    const answer = await sendPaidPost({
      pool,
      provider: 'ark',
      url: baseUrl.replace(/\/+$/, '') + path,
      headers: { authorization: `Bearer ${apiKey}`, accept: 'application/json' },
      body,
      answerTimeoutMs,
    });
    const json = parseJson(await readAnswer(answer, MAX_ANSWER_BYTES));
    if (answer.status === 200) return { answer, json };
    const envelope = ArkErrorEnvelope.safeParse(json);
    throw envelope.success ? refused(answer, envelope.data.error) : unreadableAnswer(answer);
  }
}

interface ArkReply {
  answer: PaidAnswer;
  json: unknown;
}

function chatBody({ model, messages, jsonSchema, maxTokens, responseFormat = 'json_schema' }: ChatRequest): unknown {
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    max_tokens: maxTokens,
    // Current models think by default, which is slow and can leave nothing of max_tokens for the answer.
    thinking: { type: 'disabled' },
    response_format:
      responseFormat === 'json_object'
        ? { type: 'json_object' }
        : { type: 'json_schema', json_schema: { name: jsonSchema.name, schema: jsonSchema.schema, strict: true } },
  };
}

function readChat({ answer, json }: ArkReply, request: ChatRequest): ChatAnswer {
  throwInnerError(answer, json);
  const parsed = ArkChatAnswer.safeParse(json);
  if (!parsed.success) throw unreadableAnswer(answer);
  const { choices, model, usage } = parsed.data;
  return {
    content: choices[0]?.message.content ?? '',
    finishReason: choices[0]?.finish_reason ?? 'unknown',
    model: model ?? request.model,
    usage: usage ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } : null,
  };
}

function imageBody(request: ImageRequest, family: string | null): unknown {
  const { model, prompt, width, height, seed, referenceImage = null } = request;
  const limits = findImageModel(model, { family });
  return {
    model,
    prompt,
    size: `${width}x${height}`,
    response_format: 'url',
    // Ark's default is true: a mark in the corner of every picture.
    watermark: false,
    ...(limits?.takesSequential ? { sequential_image_generation: 'disabled' } : {}),
    ...(limits?.takesSeed ? { seed } : {}),
    ...(referenceImage !== null && (limits?.maxReferenceImages ?? 0) > 0 ? { image: referenceImage } : {}),
  };
}

function readImage({ answer, json }: ArkReply, request: ImageRequest): ImageAnswer {
  const parsed = ArkImageAnswer.safeParse(json);
  if (!parsed.success) {
    throwInnerError(answer, json);
    throw unreadableAnswer(answer);
  }
  const { data, error, model, usage } = parsed.data;
  const url = data?.find((image) => image.url)?.url;
  if (url) return { url, model: model ?? request.model, generatedImages: usage?.generated_images ?? null };
  // Only pictures that were made are billed, so an error without one is a plain refusal.
  const reason = error ?? data?.find((image) => image.error)?.error;
  if (reason) throw refused(answer, reason);
  throw outcomeUnknown(answer, 'answered without a picture', null);
}

/** Ark can say 200 and put an error in the body. */
function throwInnerError(answer: PaidAnswer, json: unknown): void {
  const inner = ArkErrorEnvelope.safeParse(json);
  if (inner.success) throw refused(answer, inner.data.error);
}

function refused(answer: PaidAnswer, error: ArkErrorBody): ProviderError {
  const message = error.message ?? '';
  const { kind, code } = classifyArkError({ status: answer.status, code: error.code, message });
  const requestId =
    printable(answer.headers['x-request-id']) ?? printable(/Request id: ([0-9a-z-]+)/i.exec(message)?.[1]);
  return providerError(answer, kind, 'ark refused the request', { code: printable(code), requestId });
}
