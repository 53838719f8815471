import {
  jsonAnswer,
  Refusal,
  type AcceptedCall,
  type Answer,
  type Generated,
  type IncomingCall,
  type Route,
} from '../call.ts';
import type { Painter } from '../pictures/painter.ts';
import { seeded } from '../seeded.ts';
import { arkFailure } from './envelope.ts';
import {
  checkBoolean,
  checkChoice,
  checkInteger,
  checkNumber,
  invalid,
  isObject,
  missing,
  passGate,
  type JsonObject,
} from './gate.ts';
import { readSize, type Raster } from './image-size.ts';
import { imageModel, type ImageModel } from './models.ts';
import type { PictureStore } from './picture-store.ts';

export interface ImageSettings {
  seed: number;
  painter: Painter;
  store: PictureStore;
}

export function imageRoute(settings: ImageSettings): Route {
  return {
    name: 'image',
    path: '/api/v3/images/generations',
    accept: (call) => acceptImage(settings, call),
    failure: (failure, call) => arkFailure(failure, call.requestId),
  };
}

interface ImageRequest {
  modelId: string;
  model: ImageModel;
  prompt: string;
  raster: Raster;
  inBase64: boolean;
  format: 'jpeg' | 'png';
  watermark: boolean;
  /** The request's own seed (3.0 models); −1 leaves it to the service. */
  seed: number;
  count: number;
  stream: boolean;
  /** The first input picture, where it came in the request itself: the sandbox fetches nothing. */
  reference: Buffer | null;
}

function acceptImage(settings: ImageSettings, call: IncomingCall): AcceptedCall {
  const { body, modelId, model } = passGate(call, imageModel);
  const request = readRequest(body, modelId, model);
  return {
    text: request.prompt,
    delayMs: seeded(settings.seed, 'image-delay', request.prompt).between(8_000, 15_000),
    purchase: { kind: 'image', model: modelId },
    work: () => paint(settings, request, call),
  };
}

function readRequest(body: JsonObject, modelId: string, model: ImageModel): ImageRequest {
  const prompt = body.prompt;
  if (prompt === undefined || prompt === '') throw missing('prompt');
  if (typeof prompt !== 'string') throw invalid('prompt', 'The parameter `prompt` must be a string.');
  checkInputImages(body.image, model);
  const raster = readSize(body.size, model, prompt);
  refuseUnlessSupported(body, 'seed', model.seed);
  refuseUnlessSupported(body, 'guidance_scale', model.guidanceScale);
  refuseUnlessSupported(body, 'output_format', model.png);
  checkNumber(body, 'guidance_scale', [1, 10]);
  const sequential = checkChoice(body, 'sequential_image_generation', ['auto', 'disabled'], 'disabled') === 'auto';
  const stream = checkBoolean(body, 'stream', false);
  if ((sequential || stream) && !model.sequential)
    throw unsupported(sequential ? 'sequential_image_generation' : 'stream');
  return {
    modelId,
    model,
    prompt,
    raster,
    inBase64: checkChoice(body, 'response_format', ['url', 'b64_json'], 'url') === 'b64_json',
    format: checkChoice(body, 'output_format', ['jpeg', 'png'], 'jpeg') as 'jpeg' | 'png',
    watermark: checkBoolean(body, 'watermark', true),
    seed: checkInteger(body, 'seed', [-1, 2_147_483_647]) ?? -1,
    count: sequential ? howMany(body, prompt) : 1,
    stream,
    reference: readReference(body.image),
  };
}

function readReference(image: unknown): Buffer | null {
  const first: unknown = [image].flat()[0];
  if (typeof first !== 'string' || !first.startsWith('data:')) return null;
  const bytes = Buffer.from(first.slice(first.indexOf(',') + 1), 'base64');
  if (bytes.byteLength > MAX_INPUT_BYTES)
    throw new Refusal({ code: 'InvalidParameter.OversizedImage', param: 'image' });
  return bytes;
}

function refuseUnlessSupported(body: JsonObject, param: string, supported: boolean): void {
  if (body[param] !== undefined && body[param] !== null && !supported) throw unsupported(param);
}

function unsupported(param: string): Refusal {
  return invalid(
    param,
    `The parameter \`${param}\` specified in the request is not valid: it is not supported by this model.`,
  );
}

/** The stricter of the two limits that the vendor has published. */
const MAX_INPUT_BYTES = 10 * 1024 * 1024;
const DATA_URL = /^data:image\/(jpeg|png|webp|bmp|tiff|gif|heic|heif);base64,[A-Za-z0-9+/]+=*$/;

function checkInputImages(image: unknown, model: ImageModel): void {
  const images = image === undefined || image === null ? [] : [image].flat();
  const [least, most] = model.images;
  if (images.length < least) throw missing('image');
  if (images.length > most)
    throw most === 0 ? unsupported('image') : invalid('image', `At most ${most} images are supported.`);
  for (const entry of images) {
    if (typeof entry !== 'string' || entry === '')
      throw new Refusal({ code: 'InvalidImageURL.EmptyURL', param: 'image' });
    if (!/^https?:\/\//.test(entry) && !DATA_URL.test(entry)) {
      throw new Refusal({ code: 'InvalidImageURL.InvalidFormat', param: 'image' });
    }
  }
}

/** The model reads the number from the prompt; `max_images` is only the upper bound. */
function howMany(body: JsonObject, prompt: string): number {
  const options = isObject(body.sequential_image_generation_options) ? body.sequential_image_generation_options : {};
  const most = checkInteger(options, 'max_images', [1, 15]) ?? 15;
  const asked = /(\d{1,2})\s*(?:张|幅|images|pictures)/.exec(prompt)?.[1];
  return Math.max(1, Math.min(most, asked ? Number(asked) : 3));
}

interface Entry {
  url?: string;
  b64_json?: string;
  size?: string;
  output_format?: string;
}

async function paint(settings: ImageSettings, request: ImageRequest, call: IncomingCall): Promise<Generated> {
  const numbers = Array.from({ length: request.count }, (_, index) => index);
  const colors = request.reference === null ? null : await settings.painter.colorsOf(request.reference);
  if (request.reference !== null && colors === null) return undecodable(call);
  const { origin } = call;
  const entries = await Promise.all(numbers.map((index) => paintOne(settings, request, { index, origin, colors })));
  const { width, height } = request.raster;
  const tokens = Math.floor((width * height * request.count) / 256);
  const usage = { generated_images: request.count, output_tokens: tokens, total_tokens: tokens };
  const head = { model: request.modelId, created: Math.floor(Date.now() / 1000) };
  const answer = request.stream ? streamed(head, entries, usage) : jsonAnswer(200, { ...head, data: entries, usage });
  return { answer, units: request.count, usage: { generated_images: request.count, output_tokens: tokens } };
}

/** Found only when the work has begun; made nothing, so it costs nothing. */
function undecodable({ requestId }: IncomingCall): Generated {
  const failure = { code: 'InvalidParameter.UnsupportedImageFormat', param: 'image' };
  return { answer: arkFailure(failure, requestId), units: 0, usage: {} };
}

async function paintOne(
  { seed, painter, store }: ImageSettings,
  request: ImageRequest,
  { index, origin, colors }: { index: number; origin: string; colors: readonly string[] | null },
): Promise<Entry> {
  const { raster, format, prompt, watermark } = request;
  const order = { prompt, ...raster, format, watermark, colors, seed: `${seed}/${Math.max(0, request.seed)}/${index}` };
  const bytes = await painter.paint(order);
  return {
    ...(request.inBase64 ? { b64_json: bytes.toString('base64') } : { url: store.keep(order, bytes, origin) }),
    ...(request.model.reportsSize ? { size: `${raster.width}x${raster.height}` } : {}),
    ...(request.model.png ? { output_format: format } : {}),
  };
}

function streamed(head: object, entries: readonly Entry[], usage: object): Answer {
  const frame = (type: string, rest: object) =>
    Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...head, ...rest })}\n\n`);
  const body = [
    ...entries.map((entry, image_index) => frame('image_generation.partial_succeeded', { image_index, ...entry })),
    frame('image_generation.completed', { usage }),
    Buffer.from('data: [DONE]\n\n'),
  ];
  return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body };
}
