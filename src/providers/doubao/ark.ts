import type { z } from 'zod';
import { ProviderError } from '../../domain/errors.ts';
import { type FreeAnswer, sendFree, unreadableFree } from '../free-request.ts';
import { parseJson } from '../parse-json.ts';
import {
  type Answered,
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
import { findClipModel } from '../../domain/clip-models.ts';
import type {
  Ark,
  ChatAnswer,
  ChatRequest,
  ClipRequest,
  ClipTask,
  EmbeddingAnswer,
  EmbeddingRequest,
  ImageAnswer,
  ImageRequest,
} from './interfaces.ts';
import { findImageModel } from './models.ts';
import {
  ArkChatAnswer,
  ArkClipCreated,
  ArkClipList,
  ArkClipTask,
  ArkEmbeddingAnswer,
  type ArkErrorBody,
  ArkErrorEnvelope,
  ArkImageAnswer,
} from './wire.ts';

/** Pictures come as URLs, so that an answer is text: the longest script is far below this. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface ArkOptions {
  /** Up to and with `/api/v3`. */
  baseUrl: string;
  apiKey: string;
  pool: ServicePool;
  /** The model whose limits apply when an image request names an `ep-…` id. */
  imageFamily?: string | null;
  /** The same of video requests. */
  videoFamily?: string | null;
  answerTimeoutMs?: number;
}

/** Doubao over Ark: each paid method is one HTTP request, sent once and never aborted. */
export function createArk(options: ArkOptions): Ark {
  const { baseUrl, apiKey, pool, imageFamily = null, videoFamily = null, answerTimeoutMs } = options;
  const root = baseUrl.replace(/\/+$/, '');
  const authorization = `Bearer ${apiKey}`;
  return {
    async chat(request: ChatRequest): Promise<ChatAnswer> {
      return readChat(await post('/chat/completions', chatBody(request)), request);
    },
    async embed(request: EmbeddingRequest): Promise<EmbeddingAnswer> {
      return readEmbedding(await post(EMBEDDINGS[request.endpoint], embeddingBody(request)), request);
    },
    async createImage(request: ImageRequest): Promise<ImageAnswer> {
      return readImage(await post('/images/generations', imageBody(request, imageFamily)), request);
    },
    async createClip(request: ClipRequest): Promise<{ taskId: string; model: string }> {
      return readCreated(await post(CLIP_TASKS, clipBody(request, videoFamily)), request);
    },
    async readClip(taskId: string): Promise<ClipTask> {
      return readTask(await ask('GET', taskPath(taskId)));
    },
    async listClips({ model, pageSize }): Promise<ClipTask[]> {
      const query = new URLSearchParams({ page_num: '1', page_size: String(pageSize), 'filter.model': model });
      return readTasks(await ask('GET', `${CLIP_TASKS}?${query.toString()}`));
    },
    async cancelClip(taskId: string): Promise<boolean> {
      try {
        await ask('DELETE', taskPath(taskId));
        return true;
      } catch (error) {
        // It runs already, has ended, or is not known (any more).
        if (error instanceof ProviderError && TOO_LATE.includes(error.details.httpStatus ?? 0)) return false;
        throw error;
      }
    },
  };

  async function ask(method: 'GET' | 'DELETE', path: string): Promise<FreeAnswer> {
    const answer = await sendFree({ pool, provider: 'ark', method, url: root + path, headers: { authorization } });
    if (answer.status === 200) return answer;
    const envelope = ArkErrorEnvelope.safeParse(parseJson(answer.text));
    throw envelope.success ? refused(answer, envelope.data.error) : unreadableFree(answer);
  }

  async function post(path: string, body: unknown): Promise<ArkReply> {
    const answer = await sendPaidPost({
      pool,
      provider: 'ark',
      url: root + path,
      headers: { authorization, accept: 'application/json' },
      body,
      answerTimeoutMs,
    });
    const json = parseJson(await readAnswer(answer, MAX_ANSWER_BYTES));
    if (answer.status === 200) return { answer, json };
    const envelope = ArkErrorEnvelope.safeParse(json);
    throw envelope.success ? refused(answer, envelope.data.error) : unreadableAnswer(answer);
  }
}

const CLIP_TASKS = '/contents/generations/tasks';
const taskPath = (taskId: string): string => `${CLIP_TASKS}/${encodeURIComponent(taskId)}`;

const EMBEDDINGS = { text: '/embeddings', multimodal: '/embeddings/multimodal' } as const;

/** What Ark may say of a task that cannot be called off: no document names the one status. */
const TOO_LATE = [400, 404, 409];

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

function embeddingBody({ model, endpoint, text }: EmbeddingRequest): unknown {
  const input = endpoint === 'text' ? [text] : [{ type: 'text', text }];
  // Said, although it is the default: older models know nothing else, and clients have other ones.
  return { model, input, encoding_format: 'float' };
}

function readEmbedding({ answer, json }: ArkReply, request: EmbeddingRequest): EmbeddingAnswer {
  throwInnerError(answer, json);
  const parsed = ArkEmbeddingAnswer.safeParse(json);
  if (!parsed.success) throw unreadableAnswer(answer);
  const { data, model, usage } = parsed.data;
  return { values: data.embedding, model: model ?? request.model, inputTokens: usage?.prompt_tokens ?? null };
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

function clipBody(request: ClipRequest, family: string | null): unknown {
  const { model, prompt, ratio, resolution, durationSeconds, seed, firstFrame = null } = request;
  const limits = findClipModel(model, { family });
  const beginsWith = limits?.firstFrame === 'no' ? null : firstFrame;
  return {
    model,
    content: [
      { type: 'text', text: prompt },
      ...(beginsWith === null
        ? []
        : [{ type: 'image_url', image_url: { url: beginsWith }, role: 'first_frame' as const }]),
    ],
    resolution,
    ratio: beginsWith !== null && limits?.firstFrame === 'adaptive' ? 'adaptive' : ratio,
    duration: durationSeconds,
    watermark: false,
    ...(limits?.takesSeed ? { seed } : {}),
    // On by default where there is one, and paid for; films have a voice and music of their own.
    ...(limits?.takesAudio ? { generate_audio: false } : {}),
  };
}

function readCreated({ answer, json }: ArkReply, { model }: ClipRequest): { taskId: string; model: string } {
  throwInnerError(answer, json);
  const parsed = ArkClipCreated.safeParse(json);
  if (!parsed.success) throw unreadableAnswer(answer);
  return { taskId: parsed.data.id, model };
}

const readTask = (answer: FreeAnswer): ClipTask => taskOf(readFree(answer, ArkClipTask));
const readTasks = (answer: FreeAnswer): ClipTask[] => (readFree(answer, ArkClipList).items ?? []).map(taskOf);

/** What is no JSON at all may be better the next time; JSON of another form, such as an unknown state, will not be. */
function readFree<T>(answer: FreeAnswer, shape: z.ZodType<T>): T {
  const json = parseJson(answer.text);
  if (json === undefined) throw unreadableFree(answer);
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const code = 'UnknownTaskForm';
  throw providerError(answer, 'permanent', 'ark told of a video task in no known form', { code });
}

function taskOf(task: ArkClipTask): ClipTask {
  const reason = task.error ?? task.failure_reason ?? null;
  return {
    id: task.id,
    model: task.model ?? '',
    state: task.status,
    url: task.content?.video_url || null,
    tokens: task.usage?.completion_tokens ?? null,
    seed: task.seed ?? null,
    error: reason === null ? null : { code: reason.code, message: reason.message ?? '' },
    createdAtMs: task.created_at == null ? null : task.created_at * 1000,
  };
}

/** Ark can say 200 and put an error in the body. */
function throwInnerError(answer: PaidAnswer, json: unknown): void {
  const inner = ArkErrorEnvelope.safeParse(json);
  if (inner.success) throw refused(answer, inner.data.error);
}

function refused(answer: Answered, error: ArkErrorBody): ProviderError {
  const message = error.message ?? '';
  const { kind, code } = classifyArkError({ status: answer.status, code: error.code, message });
  const requestId =
    printable(answer.headers['x-request-id']) ?? printable(/Request id: ([0-9a-z-]+)/i.exec(message)?.[1]);
  return providerError(answer, kind, 'ark refused the request', { code: printable(code), requestId });
}
