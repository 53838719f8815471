import type { z } from 'zod';
import { ProviderError } from '../../../domain/errors.ts';
import { printable } from '../../error-code.ts';
import type { McpConnection } from '../../mcp/connection.ts';
import { outcomeUnknown } from '../../paid-post.ts';
import { CLIP_STATES, type AssetProvider, type ClipRequest, type ClipTask, type ImageRequest } from '../interfaces.ts';
import { classifyDoubaoMcpError } from '../mcp-errors.ts';
import { findImageModel } from '../models.ts';
import { parseJson } from '../../parse-json.ts';
import {
  CancelResult,
  CreatedTaskResult,
  PictureResult,
  TaskListResult,
  TaskResult,
  ToolAnswer,
  ToolFailure,
  type ArkTask,
} from './wire.ts';

export const PROVIDER = 'doubao-mcp';

/** The server gives up asking Ark after a minute. */
const READ_TIMEOUT_MS = 75_000;

/** What a video model takes beside words. */
export interface ClipTakes {
  takesSeed: boolean;
  firstFrame: 'no' | 'any_ratio' | 'adaptive';
  takesAudio: boolean;
}

export interface DoubaoMcpOptions {
  connection: Pick<McpConnection, 'call'>;
  /** The model whose limits apply when an image request names an `ep-…` id. */
  imageFamily?: string | null;
  clipTakes?: (model: string) => ClipTakes | undefined;
  /** How long the answer to a purchase is waited for. */
  answerMs: { still: number; clip: number };
}

/**
 * Doubao over an MCP server with its tools. Each purchase is one call of a tool; how many requests the server makes of it is
 * its own affair, and what they cost is not told. Pictures come as URLs.
 */
export function createDoubaoMcp(options: DoubaoMcpOptions): AssetProvider {
  const { connection, imageFamily = null, clipTakes = () => undefined, answerMs } = options;

  return {
    async createImage(request) {
      const { tool, input } = imageCall(request, imageFamily);
      const { image_url, images, model } = await buy(tool, input, PictureResult, answerMs.still);
      const url = image_url ?? images?.find((image) => image.url)?.url;
      if (!url) throw outcomeUnknown({ provider: PROVIDER, status: null }, 'answered without a picture', null);
      return { url, model: model ?? request.model, generatedImages: null };
    },
    async createClip(request) {
      const input = clipInput(request, clipTakes(request.model));
      const created = await buy('create_video_task', input, CreatedTaskResult, answerMs.clip);
      return { taskId: created.task_id, model: created.model ?? request.model };
    },
    async readClip(taskId) {
      return taskOf((await ask('get_video_task', { task_id: taskId }, TaskResult)).raw);
    },
    async listClips({ model, pageSize }) {
      const { raw } = await ask('list_video_tasks', { page_num: 1, page_size: pageSize, model }, TaskListResult);
      return raw.items.filter((item) => item !== null).map(taskOf);
    },
    async cancelClip(taskId) {
      // Asked to cancel what has ended, the server removes it, and says that it has cancelled it.
      const { raw } = await ask('get_video_task', { task_id: taskId }, TaskResult);
      if (raw.status !== 'queued') return raw.status === 'cancelled';
      try {
        await ask('cancel_video_task', { task_id: taskId }, CancelResult);
        return true;
      } catch (error) {
        // It has begun meanwhile.
        if (error instanceof ProviderError && error.details.kind === 'permanent') return false;
        throw error;
      }
    },
  };

  async function buy<T extends z.ZodType>(tool: string, input: object, result: T, timeoutMs: number) {
    return readResult(await connection.call(tool, { ...input }, { timeoutMs }), result);
  }

  /** Costs nothing: whatever became of it, it may be asked again. */
  async function ask<T extends z.ZodType>(tool: string, input: object, result: T): Promise<z.infer<T>> {
    try {
      return await buy(tool, input, result, READ_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof ProviderError) || error.details.kind !== 'outcome_unknown') throw error;
      const { code } = error.details;
      throw failure(`${PROVIDER} gave no answer`, { kind: 'network_error', code, httpStatus: null });
    }
  }
}

function imageCall(request: ImageRequest, family: string | null): { tool: string; input: Record<string, unknown> } {
  const { model, prompt, width, height, referenceImage = null } = request;
  const limits = findImageModel(model, { family });
  // No seed: the server's OpenAI client knows none, and its tool then fails before it has asked for anything.
  const input = { model, prompt, size: `${width}x${height}`, response_format: 'url', watermark: false };
  const takesAfter = referenceImage !== null && (limits?.maxReferenceImages ?? 0) > 0;
  return takesAfter
    ? { tool: 'image_to_image', input: { ...input, image_base64: referenceImage } }
    : { tool: 'text_to_image', input };
}

function clipInput(request: ClipRequest, takes: ClipTakes | undefined): Record<string, unknown> {
  const { model, prompt, ratio, resolution, durationSeconds, seed, firstFrame = null } = request;
  const showsFrame = firstFrame !== null && takes?.firstFrame !== 'no';
  return {
    ...{ model, prompt, resolution, duration: durationSeconds, watermark: false },
    ratio: showsFrame && takes?.firstFrame === 'adaptive' ? 'adaptive' : ratio,
    ...(takes?.takesSeed ? { seed } : {}),
    // Its sound is not used, and Ark's default is to make one.
    ...(takes?.takesAudio ? { generate_audio: false } : {}),
    ...(showsFrame ? { image_base64: firstFrame } : {}),
  };
}

function readResult<T extends z.ZodType>(answer: unknown, result: T): z.infer<T> {
  const envelope = ToolAnswer.safeParse(answer).data;
  const text = envelope?.content?.find((part) => part.text)?.text ?? '';
  const told = envelope?.structuredContent?.result ?? parseJson(text);
  const parsed = result.safeParse(told);
  if (parsed.success && envelope?.isError !== true) return parsed.data;
  const failed = ToolFailure.safeParse(told);
  if (failed.success) throw refused(failed.data.error);
  if (envelope?.isError === true) throw refused(text);
  throw outcomeUnknown({ provider: PROVIDER, status: null }, 'answered in no known form', null);
}

/** The tool says that it failed. Its words are not repeated: they may quote the prompt. */
function refused(error: unknown): ProviderError {
  const text = typeof error === 'string' ? error : JSON.stringify(error ?? '');
  const { kind, code, status } = classifyDoubaoMcpError({ error: text });
  const told = printable(code);
  if (kind === 'outcome_unknown') return outcomeUnknown({ provider: PROVIDER, status }, 'failed', told);
  const requestId = printable(/Request id: ([0-9a-z-]+)/i.exec(text)?.[1]);
  const details = [told, requestId === null ? null : `request ${requestId}`].filter((part) => part);
  const what = details.length === 0 ? '' : ` (${details.join(', ')})`;
  return failure(`${PROVIDER} refused the request${what}`, { kind, code: told, httpStatus: status });
}

const failure = (
  message: string,
  details: Pick<ProviderError['details'], 'kind' | 'code' | 'httpStatus'>,
): ProviderError => new ProviderError(message, { ...details, provider: PROVIDER, retryAfterMs: null, billed: 'no' });

function taskOf(task: ArkTask): ClipTask {
  const state = CLIP_STATES.find((known) => known === task.status);
  if (state === undefined)
    throw failure(`${PROVIDER} tells of a task in no known state`, {
      ...{ kind: 'temporary_failure', code: 'UnknownTaskState', httpStatus: null },
    });
  const error = task.error ?? task.failure_reason ?? null;
  return {
    ...{ id: task.id, model: task.model ?? '', state },
    url: task.content?.video_url ?? null,
    tokens: task.usage?.completion_tokens ?? null,
    seed: task.seed ?? null,
    error: error === null ? null : { code: error.code, message: error.message ?? '' },
    createdAtMs: typeof task.created_at === 'number' ? task.created_at * 1000 : null,
  };
}
