import { Refusal, type IncomingCall } from '../call.ts';
import {
  checkBoolean,
  checkChoice,
  checkInteger,
  invalid,
  isObject,
  missing,
  passGate,
  type JsonObject,
} from './gate.ts';
import type { Raster } from './image-size.ts';
import { videoModel, type VideoModel } from './video-models.ts';

export interface VideoRequest {
  modelId: string;
  prompt: string;
  raster: Raster;
  resolution: string;
  ratio: string;
  /** In pictures, at 24 a second. */
  frames: number;
  /** Null: it was asked for in frames. */
  seconds: number | null;
  /** Null: the model takes none. */
  seed: number | null;
  audio: boolean | null;
  watermark: boolean;
  expiresAfterSeconds: number;
  /** The first frame, where it came in the request itself: the sandbox fetches nothing. */
  firstFrame: Buffer | null;
}

export const FPS = 24;

/** What there is, and is not made here; said so instead of being left out without a word. */
const NOT_HERE = [
  ...['callback_url', 'draft', 'omni_reference_task_type', 'tools', 'subdivision_level', 'file_format'],
  ...['optimize_prompt', 'human_face_mode', 'reasoning_effort'],
];
const FIELDS = [
  ...['model', 'content', 'resolution', 'ratio', 'duration', 'frames', 'seed', 'camera_fixed', 'watermark'],
  ...['generate_audio', 'return_last_frame', 'service_tier', 'execution_expires_after', 'priority', 'output_format'],
  ...['safety_identifier', ...NOT_HERE],
];

/** The real service's checks, in its order; what a model does not take is refused, not ignored. */
export function readVideoRequest(call: IncomingCall): VideoRequest {
  const { body, modelId, model } = passGate(call, videoModel);
  for (const name of Object.keys(body)) if (!FIELDS.includes(name)) throw unsupported(name);
  for (const name of NOT_HERE) if (body[name] !== undefined) throw unsupported(name);
  if (checkBoolean(body, 'return_last_frame', false)) throw unsupported('return_last_frame');
  refuseUnless(model.seed, body, 'seed');
  refuseUnless(model.frames, body, 'frames');
  refuseUnless(model.cameraFixed, body, 'camera_fixed');
  refuseUnless(model.audio, body, 'generate_audio');
  checkBoolean(body, 'camera_fixed', false);
  checkChoice(body, 'service_tier', ['default', 'flex'], 'default');
  checkChoice(body, 'output_format', ['mp4'], 'mp4');
  checkInteger(body, 'priority', [0, 9]);
  const { prompt, images } = readContent(body, model);
  const resolution = checkChoice(body, 'resolution', Object.keys(model.rasters), model.defaultResolution);
  const ratio = readRatio(body, model, images.length);
  const raster = model.rasters[resolution]?.[ratio];
  if (raster === undefined) throw invalid('ratio', 'The parameter `ratio` specified in the request is not valid.');
  const seed = checkInteger(body, 'seed', [-1, 2_147_483_647]) ?? -1;
  return {
    ...{ modelId, prompt, raster, resolution, ratio, ...readLength(body, model) },
    seed: model.seed ? seed : null,
    audio: model.audio ? checkBoolean(body, 'generate_audio', true) : null,
    watermark: checkBoolean(body, 'watermark', false),
    expiresAfterSeconds: checkInteger(body, 'execution_expires_after', [3_600, 259_200]) ?? 172_800,
    firstFrame: firstFrameOf(images),
  };
}

function refuseUnless(supported: boolean, body: JsonObject, param: string): void {
  if (body[param] !== undefined && !supported) throw unsupported(param);
}

const unsupported = (param: string): Refusal =>
  new Refusal({
    code: 'InvalidParameter.UnsupportedParameter',
    message: `The parameter \`${param}\` specified in the request is not supported by this model.`,
    param,
  });

function readContent({ content }: JsonObject, model: VideoModel): { prompt: string; images: string[] } {
  if (content === undefined) throw missing('content');
  if (!Array.isArray(content) || content.length === 0)
    throw invalid('content', 'The parameter `content` must be a list that is not empty.');
  const texts: string[] = [];
  const images: { url: string; role: unknown }[] = [];
  for (const item of content as unknown[]) {
    if (!isObject(item)) throw invalid('content', 'Each entry of `content` must be an object.');
    if (item.type === 'text' && typeof item.text === 'string' && item.text !== '') texts.push(item.text);
    else if (item.type === 'image_url' && isObject(item.image_url)) images.push(imageOf(item.image_url, item.role));
    else throw invalid('content', 'An entry of `content` is not valid, or not supported by this model.');
  }
  if (texts.length > 1) throw invalid('content', 'At most one text is supported.');
  const [least, most] = model.images;
  if (images.length < least) throw missing('content.image_url');
  if (images.length > most) throw invalid('content', `At most ${most} images are supported by this model.`);
  if (texts.length === 0 && images.length === 0) throw missing('content.text');
  const roles = images.map(({ role }) => role ?? 'first_frame');
  if (new Set(roles).size !== roles.length || roles.some((role) => role !== 'first_frame' && role !== 'last_frame'))
    throw invalid('content.role', 'The role of an image must be first_frame, or last_frame beside it.');
  return { prompt: texts[0] ?? '', images: images.map(({ url }) => url) };
}

const DATA_URL = /^data:image\/(jpeg|png|webp|bmp|tiff|gif|heic|heif);base64,[A-Za-z0-9+/]+=*$/;

function imageOf({ url }: JsonObject, role: unknown): { url: string; role: unknown } {
  if (typeof url !== 'string' || url === '') throw new Refusal({ code: 'InvalidImageURL.EmptyURL', param: 'content' });
  if (!/^https?:\/\//.test(url) && !DATA_URL.test(url))
    throw new Refusal({ code: 'InvalidImageURL.InvalidFormat', param: 'content' });
  return { url, role };
}

function firstFrameOf([first]: readonly string[]): Buffer | null {
  if (first === undefined || !first.startsWith('data:')) return null;
  return Buffer.from(first.slice(first.indexOf(',') + 1), 'base64');
}

/** `adaptive` follows the first frame; here it is upright, since nobody looks at it. */
function readRatio(body: JsonObject, model: VideoModel, images: number): string {
  const ratios = Object.keys(Object.values(model.rasters)[0] ?? {});
  const mayAdapt = images > 0 || model.defaultRatio === 'adaptive';
  const fallback = images > 0 ? 'adaptive' : model.defaultRatio;
  const ratio = checkChoice(body, 'ratio', mayAdapt ? [...ratios, 'adaptive'] : ratios, fallback);
  return ratio === 'adaptive' ? (images > 0 ? '9:16' : '16:9') : ratio;
}

const DEFAULT_SECONDS = 5;

function readLength(body: JsonObject, model: VideoModel): { frames: number; seconds: number | null } {
  const frames = checkInteger(body, 'frames', [29, 289]);
  if (frames !== undefined) {
    if ((frames - 25) % 4 !== 0) throw invalid('frames', 'The parameter `frames` must be 25 + 4n.');
    return { frames, seconds: null };
  }
  const [least, most] = model.seconds;
  const given =
    body.duration === -1 && model.choosesLength ? DEFAULT_SECONDS : checkInteger(body, 'duration', [least, most]);
  const seconds = given ?? DEFAULT_SECONDS;
  return { frames: FPS * seconds + 1, seconds };
}
