import { jsonAnswer, Refusal, type AcceptedCall, type Generated, type IncomingCall, type Route } from '../call.ts';
import { seeded } from '../seeded.ts';
import { arkFailure } from './envelope.ts';
import { checkChoice, checkInteger, invalid, isObject, missing, passGate, type JsonObject } from './gate.ts';
import { multimodalEmbeddingModel, textEmbeddingModel, type EmbeddingModel } from './models.ts';
import { newRequestId } from './request-id.ts';
import { textDirection } from './text-direction.ts';
import { countTokens } from './tokens.ts';

/** Text: a vector an item. Multimodal: one of all parts together, and `data` is no list. */
export function embeddingRoutes({ seed }: { seed: number }): Route[] {
  const route = (path: string, accept: Route['accept']): Route => ({
    ...{ name: 'embedding', path, accept },
    failure: (failure, call) => arkFailure(failure, call.requestId),
  });
  return [
    route('/api/v3/embeddings', (call) => acceptTexts(seed, call)),
    route('/api/v3/embeddings/multimodal', (call) => acceptParts(seed, call)),
  ];
}

const MAX_ITEMS = 256;
const MAX_ITEM_BYTES = 100_000;

interface Form {
  modelId: string;
  dimensions: number;
  inBase64: boolean;
}

function acceptTexts(seed: number, call: IncomingCall): AcceptedCall {
  const { body, modelId, model } = passGate(call, textEmbeddingModel);
  const texts = readTexts(body.input);
  const form = readForm(body, { modelId, model });
  return accepted(seed, { texts, form }, () => ({
    data: texts.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text, form) })),
    usage: usageOf(texts),
  }));
}

function acceptParts(seed: number, call: IncomingCall): AcceptedCall {
  const { body, modelId, model } = passGate(call, multimodalEmbeddingModel);
  const texts = readParts(body.input);
  for (const switched of ['sparse_embedding', 'multi_embedding'])
    if (isObject(body[switched]) && body[switched].type === 'enabled') throw notHere(switched);
  const form = readForm(body, { modelId, model });
  return accepted(seed, { texts, form }, () => {
    const usage = usageOf(texts);
    return {
      data: { object: 'embedding', embedding: vectorOf(texts.join('\n'), form) },
      usage: { ...usage, prompt_tokens_details: { text_tokens: usage.prompt_tokens, image_tokens: 0 } },
    };
  });
}

interface Embedded {
  data: unknown;
  usage: { prompt_tokens: number; total_tokens: number };
}

function accepted(
  seed: number,
  { texts, form }: { texts: readonly string[]; form: Form },
  embed: () => Embedded,
): AcceptedCall {
  const text = texts.join('\n');
  return {
    text,
    delayMs: seeded(seed, 'embedding-delay', text).between(150, 400),
    purchase: { kind: 'embedding', model: form.modelId },
    work: () => Promise.resolve(answered(form, embed())),
  };
}

function answered({ modelId }: Form, { data, usage }: Embedded): Generated {
  const created = Math.floor(Date.now() / 1000);
  return {
    answer: jsonAnswer(200, { id: newRequestId(), object: 'list', created, model: modelId, data, usage }),
    units: usage.total_tokens,
    usage: { prompt_tokens: usage.prompt_tokens },
  };
}

const usageOf = (texts: readonly string[]): Embedded['usage'] => {
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  return { prompt_tokens: tokens, total_tokens: tokens };
};

function vectorOf(text: string, { modelId, dimensions, inBase64 }: Form): number[] | string {
  const vector = textDirection(text, { dimensions, salt: modelId });
  return inBase64 ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
}

function readForm(body: JsonObject, { modelId, model }: { modelId: string; model: EmbeddingModel }): Form {
  const inBase64 = checkChoice(body, 'encoding_format', ['float', 'base64'], 'float') === 'base64';
  const wanted = checkInteger(body, 'dimensions', [1, 4096]) ?? model.dimensions[0];
  if (!model.dimensions.includes(wanted))
    throw invalid(
      'dimensions',
      `The parameter \`dimensions\` specified in the request is not valid: ${model.dimensions.join(', ')} expected.`,
    );
  return { modelId, dimensions: wanted, inBase64 };
}

function readTexts(input: unknown): string[] {
  if (input === undefined) throw missing('input');
  const texts: unknown[] = [input].flat();
  if (texts.length === 0 || texts.length > MAX_ITEMS)
    throw invalid('input', `The parameter \`input\` must have 1 to ${MAX_ITEMS} items.`);
  return texts.map(readText);
}

function readText(text: unknown): string {
  if (typeof text !== 'string' || text === '')
    throw invalid('input', 'The parameter `input` must be text that is not empty.');
  if (Buffer.byteLength(text) > MAX_ITEM_BYTES)
    throw invalid('input', `An item of the parameter \`input\` has more than ${MAX_ITEM_BYTES} bytes.`);
  return text;
}

function readParts(input: unknown): string[] {
  if (input === undefined) throw missing('input');
  if (!Array.isArray(input) || input.length === 0) throw invalid('input', 'The parameter `input` must be a list.');
  return input.map((part: unknown) => {
    const type = isObject(part) ? part.type : undefined;
    if (type === 'image_url' || type === 'video_url') throw notHere('input');
    if (type !== 'text') throw invalid('input', 'A part must be `text`, `image_url` or `video_url`.');
    return readText((part as JsonObject).text);
  });
}

/** What the real service takes and the sandbox cannot do. */
const notHere = (param: string): Refusal =>
  new Refusal({
    code: 'InvalidParameter.UnsupportedParameter',
    message: `The parameter \`${param}\` asks for what the sandbox does not embed.`,
    param,
  });
