import { setTimeout as sleep } from 'node:timers/promises';

import {
  jsonAnswer,
  Refusal,
  type AcceptedCall,
  type Answer,
  type Generated,
  type IncomingCall,
  type Route,
} from '../call.ts';
import { seeded } from '../seeded.ts';
import { readBrief, type Brief } from '../story/brief.ts';
import { fillSchema, type JsonSchema } from '../story/fill-schema.ts';
import { plainReply } from '../story/plain-reply.ts';
import { answerAbout } from '../story/questions.ts';
import { writeStory } from '../story/write-story.ts';
import { arkFailure } from './envelope.ts';
import {
  checkBoolean,
  checkInteger,
  checkNumber,
  invalid,
  isObject,
  missing,
  passGate,
  type JsonObject,
} from './gate.ts';
import { chatModel, type ChatModel } from './models.ts';
import { newRequestId } from './request-id.ts';
import { countTokens, cutToTokens } from './tokens.ts';

export interface ChatSettings {
  seed: number;
  delayScale: number;
  stopping: AbortSignal;
}

export function chatRoute(settings: ChatSettings): Route {
  return {
    name: 'chat',
    path: '/api/v3/chat/completions',
    accept: (call) => acceptChat(settings, call),
    failure: (failure, call) => arkFailure(failure, call.requestId),
  };
}

const MAX_TOKENS = 65_536;
const ROLES = ['system', 'user', 'assistant', 'tool', 'developer'];

interface ChatRequest {
  modelId: string;
  system: string;
  /** What users said, in order. */
  said: string;
  thinking: boolean;
  choices: number;
  maxTokens: number;
  schema: JsonSchema | undefined;
  wantsJson: boolean;
  stream: boolean;
  streamUsage: boolean;
}

function acceptChat(settings: ChatSettings, call: IncomingCall): AcceptedCall {
  const { body, modelId, model } = passGate(call, chatModel);
  const request = readRequest(body, modelId, model);
  const dice = seeded(settings.seed, 'chat-delay', request.said);
  const wholeDelayMs = dice.between(2_500, 3_500) * (request.thinking ? 2 : 1);
  return {
    text: request.said,
    // A stream shows its first words early and takes its time over the rest.
    delayMs: request.stream ? wholeDelayMs * 0.3 : wholeDelayMs,
    purchase: { kind: 'chat', model: modelId },
    work: () => Promise.resolve(complete(settings, request, wholeDelayMs * 0.7)),
  };
}

function readRequest(body: JsonObject, modelId: string, model: ChatModel): ChatRequest {
  const messages = readMessages(body);
  if (body.max_tokens !== undefined && body.max_completion_tokens !== undefined) {
    throw invalid('max_tokens', '`max_tokens` and `max_completion_tokens` cannot be set at the same time.');
  }
  checkNumber(body, 'temperature', [0, 2]);
  checkNumber(body, 'top_p', [0, 1]);
  checkNumber(body, 'frequency_penalty', [-2, 2]);
  checkNumber(body, 'presence_penalty', [-2, 2]);
  const format = readFormat(body, model);
  const limits = [1, MAX_TOKENS] as const;
  const of = (role: string) => messages.filter((message) => message.role === role).map((message) => message.text);
  return {
    modelId,
    system: of('system').join('\n'),
    said: of('user').join('\n'),
    thinking: readThinking(body, model),
    choices: checkInteger(body, 'n', [1, 5]) ?? 1,
    maxTokens:
      checkInteger(body, 'max_tokens', limits) ?? checkInteger(body, 'max_completion_tokens', limits) ?? MAX_TOKENS,
    ...format,
    stream: checkBoolean(body, 'stream', false),
    streamUsage: isObject(body.stream_options) && body.stream_options.include_usage === true,
  };
}

function readMessages(body: JsonObject): { role: string; text: string }[] {
  const messages = body.messages;
  if (messages === undefined) throw missing('messages');
  if (!Array.isArray(messages) || messages.length === 0) throw invalid('messages', '`messages` must not be empty.');
  return messages.map((message: unknown, index) => {
    if (!isObject(message)) throw invalid(`messages.${index}`, 'A message must be an object.');
    const role = String(message.role);
    if (!ROLES.includes(role)) {
      const refusal = { code: 'InvalidArgumentError.UnknownRole', message: `Unknown role: ${role}.` };
      throw new Refusal({ ...refusal, param: `messages.${index}.role` });
    }
    return { role, text: textOf(message.content, index) };
  });
}

function textOf(content: unknown, index: number): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content))
    throw invalid(`messages.${index}.content`, 'Content must be a string or a list of parts.');
  return content
    .filter(isObject)
    .map((part) => (part.type === 'text' && typeof part.text === 'string' ? part.text : ''))
    .join('\n');
}

function readThinking(body: JsonObject, model: ChatModel): boolean {
  const effort = body.reasoning_effort;
  if (effort !== undefined && effort !== null && !model.efforts.includes(String(effort))) {
    throw invalid('reasoning_effort', `Unsupported reasoning effort: ${String(effort)}.`);
  }
  const graded = typeof effort === 'string' && effort !== 'none' && effort !== 'minimal';
  const type = isObject(body.thinking) ? body.thinking.type : undefined;
  if (body.thinking !== undefined && type !== 'enabled' && type !== 'disabled') {
    throw invalid('thinking.type', `Unsupported thinking type: ${String(type)}.`);
  }
  if (type === 'disabled' && graded) {
    throw invalid('reasoning_effort', '`reasoning_effort` cannot be set while thinking is disabled.');
  }
  if (type !== undefined) return type === 'enabled';
  return typeof effort === 'string' ? graded : model.thinksByDefault;
}

function readFormat(body: JsonObject, model: ChatModel): { schema: JsonSchema | undefined; wantsJson: boolean } {
  const format = body.response_format;
  if (format === undefined || format === null) return { schema: undefined, wantsJson: false };
  const type = isObject(format) ? format.type : undefined;
  if (type === 'text') return { schema: undefined, wantsJson: false };
  const known = type === 'json_object' || type === 'json_schema';
  if (!isObject(format) || !known || !model.jsonSchema) {
    const message = `The parameter \`response_format.type\` specified in the request is not valid: \`${String(type)}\` is not supported by this model.`;
    throw invalid('response_format.type', message);
  }
  if (type === 'json_object') return { schema: undefined, wantsJson: true };
  const named = format.json_schema;
  if (!isObject(named) || typeof named.name !== 'string') throw missing('response_format.json_schema.name');
  if (!isObject(named.schema)) throw missing('response_format.json_schema.schema');
  return { schema: named.schema as JsonSchema, wantsJson: true };
}

/** What a caller without a schema gets when it asks for JSON about a video. */
const STORYBOARD_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    language: { type: 'string' },
    scenes: {
      type: 'array',
      items: {
        type: 'object',
        properties: { narration: { type: 'string' }, image_prompt: { type: 'string' } },
        required: ['narration', 'image_prompt'],
      },
    },
  },
  required: ['title', 'language', 'scenes'],
};

interface Choice {
  content: string;
  reasoning: string | undefined;
  finishReason: 'stop' | 'length';
}

function complete(settings: ChatSettings, request: ChatRequest, restDelayMs: number): Generated {
  const brief = readBrief(request.said);
  const choices = Array.from({ length: request.choices }, (_, index) => write(settings.seed + index, request, brief));
  const usage = count(request, choices);
  const head = {
    id: newRequestId(),
    created: Math.floor(Date.now() / 1000),
    model: request.modelId,
    service_tier: 'default',
  };
  const answer = request.stream
    ? streamed(choices, {
        head,
        usage: request.streamUsage ? usage : undefined,
        pause: paced(settings, choices, restDelayMs),
      })
    : jsonAnswer(200, { ...head, object: 'chat.completion', choices: choices.map(asMessage), usage });
  const { prompt_tokens, completion_tokens, total_tokens } = usage;
  return { answer, units: total_tokens, usage: { prompt_tokens, completion_tokens } };
}

function write(seed: number, request: ChatRequest, brief: Brief): Choice {
  const story = () => answerAbout(request.said) ?? writeStory(seed, brief);
  const whole = request.wantsJson
    ? JSON.stringify(fillSchema(request.schema ?? STORYBOARD_SCHEMA, story()))
    : plainReply(seed, request.said);
  const content = cutToTokens(whole, request.maxTokens);
  const reasoning = request.thinking
    ? `The user asks about: ${brief.theme.slice(0, 200)}. I will find its subject, then one idea for each part.`
    : undefined;
  return { content, reasoning, finishReason: content.length < whole.length ? 'length' : 'stop' };
}

function count(request: ChatRequest, choices: readonly Choice[]) {
  const prompt =
    countTokens(request.system) + countTokens(request.said) + countTokens(JSON.stringify(request.schema ?? ''));
  const reasoning = choices.reduce((sum, choice) => sum + (choice.reasoning ? countTokens(choice.reasoning) : 0), 0);
  const completion = reasoning + choices.reduce((sum, choice) => sum + countTokens(choice.content), 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function asMessage({ content, reasoning, finishReason }: Choice, index: number) {
  const message = { role: 'assistant', content, ...(reasoning ? { reasoning_content: reasoning } : {}) };
  return { index, finish_reason: finishReason, logprobs: null, message };
}

const PIECE_CHARACTERS = 24;

interface StreamOptions {
  head: object;
  usage: object | undefined;
  pause: () => Promise<void>;
}

function streamed(choices: readonly Choice[], options: StreamOptions): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    body: frames(choices, options),
  };
}

async function* frames(choices: readonly Choice[], { head, usage, pause }: StreamOptions): AsyncGenerator<Buffer> {
  const frame = (rest: object) =>
    Buffer.from(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', usage: null, ...rest })}\n\n`);
  for (const [index, choice] of choices.entries()) {
    const piece = (delta: object, finish_reason: string | null = null) =>
      frame({ choices: [{ index, delta: { role: 'assistant', ...delta }, finish_reason }] });
    if (choice.reasoning) yield piece({ content: '', reasoning_content: choice.reasoning });
    for (const content of inPieces(choice.content)) {
      await pause();
      yield piece({ content });
    }
    yield piece({ content: '' }, choice.finishReason);
  }
  if (usage) yield frame({ choices: [], usage });
  yield Buffer.from('data: [DONE]\n\n');
}

function inPieces(text: string): string[] {
  const points = [...text];
  const starts = Array.from({ length: Math.ceil(points.length / PIECE_CHARACTERS) }, (_, i) => i * PIECE_CHARACTERS);
  return starts.map((start) => points.slice(start, start + PIECE_CHARACTERS).join(''));
}

function paced({ delayScale, stopping }: ChatSettings, choices: readonly Choice[], restDelayMs: number) {
  const pieces = choices.reduce((sum, choice) => sum + inPieces(choice.content).length, 0);
  const pauseMs = (restDelayMs * delayScale) / Math.max(1, pieces);
  return () => sleep(pauseMs, undefined, { signal: stopping });
}
