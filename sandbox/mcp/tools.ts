import { z } from 'zod';

import { NO_KEY, type ArkCaller, type ArkReply } from './ark-caller.ts';

/** What a tool answers: `{success, …}`. A failure is none of MCP's, so that `isError` stays false. */
export type ToolResult = { success: boolean } & Record<string, unknown>;

export interface Tool {
  name: string;
  description: string;
  input: z.ZodObject;
  call(ark: ArkCaller, input: Record<string, unknown>): Promise<ToolResult>;
}

const words = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();
const list = z.array(z.string()).nullish();

const PictureInput = z.object({
  prompt: z.string(),
  size: z.string().default('1024x1024'),
  model: words,
  seed: z.int().nullish(),
  guidance_scale: number,
  watermark: z.boolean().default(false),
  response_format: z.string().default('url'),
  n: z.int().default(1),
});
const source = { image_url: words, image_base64: words, image_path: words, image_mime: words };
const VideoInput = z.object({
  ...{ prompt: z.string(), model: words, ratio: words, duration: z.union([z.int(), z.string()]).nullish() },
  ...{ resolution: words, seed: z.int().nullish(), fps: z.int().nullish(), camerafixed: flag, generate_audio: flag },
  ...{ watermark: flag, negative_prompt: words, ...source },
  ...{ last_frame_url: words, last_frame_base64: words, last_frame_path: words, last_frame_mime: words },
  ...{ reference_images: list, reference_videos: list, reference_audios: list },
});
const TaskInput = z.object({ task_id: z.string() });

const IMAGES = '/images/generations';
const TASKS = '/contents/generations/tasks';
const IMAGE_MODEL = 'doubao-seedream-5-0-pro-260628';
const VIDEO_MODEL = 'doubao-seedance-2-0-fast-260128';

/** The tools of seedance-mcp-server 3.1.0 that make and look after assets, with its results and its failures. */
export const TOOLS: readonly Tool[] = [
  {
    name: 'text_to_image',
    description: '文生图：调用 /images/generations。',
    input: PictureInput,
    async call(ark, { prompt, model, size, response_format, n, seed, guidance_scale, watermark }) {
      if (!ark.hasKey) return failed(`生成图片时出错: ${NO_KEY}`);
      // The tool takes both, and hands them to a library that does not.
      const [odd] = Object.keys(set({ seed, guidance_scale }));
      if (odd !== undefined)
        return failed(`生成图片时出错: Images.generate() got an unexpected keyword argument '${odd}'`);
      const named = model ?? IMAGE_MODEL;
      const body = { model: named, prompt, size, response_format, n };
      const reply = await ark.persistentRequest(IMAGES, watermark === true ? { ...body, watermark } : body);
      return reply.status === 200 ? pictures(reply, named) : failed(`生成图片时出错: ${asTheLibrarySays(reply)}`);
    },
  },
  {
    name: 'image_to_image',
    description: '图生图：基于一张参考图生成新图片。',
    input: PictureInput.extend({ ...source, negative_prompt: words }),
    async call(ark, { prompt, model, size, response_format, n, seed, guidance_scale, watermark, ...rest }) {
      const image = sourceOf(rest);
      if (image === null) return failed('image_url / image_base64 / image_path 必须且只能提供其中一个');
      const named = model ?? IMAGE_MODEL;
      const body = { model: named, prompt, image, size, response_format, n, ...set({ seed, guidance_scale }) };
      const reply = await ark.request('POST', IMAGES, watermark === true ? { ...body, watermark } : body);
      return reply.status === 200 ? pictures(reply, named) : failed(reply.text);
    },
  },
  {
    name: 'create_video_task',
    description: '异步创建视频生成任务，仅返回 task_id 不轮询。',
    input: VideoInput,
    async call(ark, { prompt, model, ...rest }) {
      const image = sourceOf(rest);
      const frame = image === null ? [] : [{ type: 'image_url', image_url: { url: image }, role: 'first_frame' }];
      const { ratio, duration, resolution, seed, fps, camerafixed, generate_audio, watermark, negative_prompt } = rest;
      const named = model ?? VIDEO_MODEL;
      const reply = await ark.request('POST', TASKS, {
        ...{ model: named, content: [{ type: 'text', text: prompt }, ...frame] },
        ...set({ ratio, duration, resolution, seed, fps, camerafixed, generate_audio, watermark, negative_prompt }),
      });
      if (reply.status !== 200) return failed(`创建任务失败: ${reply.text}`);
      const raw = parsed(reply);
      const task_id = raw['id'];
      if (typeof task_id !== 'string') return { ...failed('未获取到任务ID'), raw };
      return { success: true, task_id, model: named, raw };
    },
  },
  {
    name: 'get_video_task',
    description: '查询视频任务状态。',
    input: TaskInput,
    async call(ark, { task_id }) {
      const reply = await ark.request('GET', `${TASKS}/${encodeURIComponent(String(task_id))}`);
      if (reply.status !== 200) return { ...failed(reply.text), task_id };
      const raw = parsed(reply);
      const { status = null, content = null, usage = null } = raw;
      return { success: true, task_id, status, content, usage, raw };
    },
  },
  {
    name: 'list_video_tasks',
    description: '查询视频任务列表。',
    input: z.object({
      ...{ page_num: z.int().default(1), page_size: z.int().default(20), status: words, task_ids: list, model: words },
    }),
    async call(ark, { page_num, page_size, status, task_ids, model }) {
      const ids = Array.isArray(task_ids) ? task_ids.join(',') : null;
      const filter = { 'filter.status': status, 'filter.task_ids': ids, 'filter.model': model };
      const query = new URLSearchParams({ page_num: String(page_num), page_size: String(page_size), ...set(filter) });
      const reply = await ark.request('GET', `${TASKS}?${query}`);
      return reply.status === 200 ? { success: true, raw: parsed(reply) } : failed(reply.text);
    },
  },
  {
    name: 'cancel_video_task',
    description: '取消或删除视频任务。先尝试 POST /cancel，回退到 DELETE。',
    input: TaskInput,
    async call(ark, { task_id }) {
      const at = `${TASKS}/${encodeURIComponent(String(task_id))}`;
      const cancelled = await ark.request('POST', `${at}/cancel`, {});
      if (isWell(cancelled)) return { success: true, task_id, method: 'cancel' };
      const deleted = await ark.request('DELETE', at);
      if (isWell(deleted)) return { success: true, task_id, method: 'delete' };
      return { ...failed(deleted.text), task_id };
    },
  },
];

const failed = (error: string): ToolResult => ({ success: false, error });
const isWell = ({ status }: ArkReply): boolean => status >= 200 && status < 400;

function pictures(reply: ArkReply, model: unknown): ToolResult {
  const { data } = parsed(reply) as { data?: { url?: string; b64_json?: string }[] };
  const images = (data ?? []).map(({ url = null, b64_json = null }) => ({ url, b64_json }));
  const [first] = images;
  if (first === undefined) return failed('未返回图片数据');
  const { url: image_url, b64_json: image_b64 } = first;
  return { success: true, model, image_url, image_b64, images, message: '图片生成成功' };
}

/** Of an error, the OpenAI client keeps the status and the message: Ark's code is lost. */
function asTheLibrarySays({ status, text }: ArkReply): string {
  if (status === 0) return 'Connection error.';
  const { error } = parsed({ status, text }) as { error?: { message?: string } };
  return `Error code: ${status} - ${error?.message ?? text}`;
}

function sourceOf(input: Record<string, unknown>): string | null {
  const { image_url, image_base64, image_mime } = input as Record<string, string | null | undefined>;
  if (image_url && image_base64) return null;
  if (image_url) return image_url;
  if (!image_base64) return null;
  return image_base64.startsWith('data:') ? image_base64 : `data:${image_mime ?? 'image/jpeg'};base64,${image_base64}`;
}

function parsed({ text }: ArkReply): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Without what was left out. */
const set = <T>(values: Record<string, T>): Record<string, NonNullable<T>> =>
  Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, NonNullable<T>] => entry[1] !== null && entry[1] !== undefined,
    ),
  );
