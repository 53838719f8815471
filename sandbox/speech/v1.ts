import { randomUUID } from 'node:crypto';

import {
  jsonAnswer,
  Refusal,
  type AcceptedCall,
  type Answer,
  type Failure,
  type IncomingCall,
  type Route,
} from '../call.ts';
import { seeded } from '../seeded.ts';
import type { AudioFormat } from './encode.ts';
import {
  countCharacters,
  hasSpeech,
  knownVoice,
  narrate,
  type NarrationRequest,
  type SpeechSettings,
} from './narration-request.ts';
import type { Word } from './normalized-words.ts';
import { isObject, parseJson, type JsonObject } from './request-body.ts';

export function speechV1Route(settings: SpeechSettings): Route {
  const reqids = new Set<string>();
  return {
    name: 'speech',
    path: '/api/v1/tts',
    accept: (call) => acceptV1(settings, reqids, call),
    failure: failV1,
  };
}

const MAX_TEXT_BYTES = 1024;
const MAX_REMEMBERED_REQIDS = 100_000;
const FORMATS = ['wav', 'pcm', 'ogg_opus', 'mp3'];
const RATES = [8_000, 16_000, 24_000];
const CLUSTER = 'volcano_tts';
const INVALID_TOKEN = 'invalid-key';
const GRANT_REFUSED = { code: 3001, status: 401, message: 'load grant: requested grant not found' };

interface V1Request extends NarrationRequest {
  reqid: string;
  timestamps: 'milliseconds' | 'seconds' | undefined;
}

function acceptV1(settings: SpeechSettings, reqids: Set<string>, call: IncomingCall): AcceptedCall {
  // The vendor's own form: `Bearer;token`. With a space instead of the semicolon no grant is found.
  const token = /^Bearer; ?(\S+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (!token || token === INVALID_TOKEN) throw new Refusal(GRANT_REFUSED);
  const request = readRequest(parseJson(call.body) ?? refuse(3001, 'invalid request: the body is not JSON'));
  if (reqids.has(request.reqid)) refuse(3006, 'invalid reqid: it was used before');
  reqids.add(request.reqid);
  if (reqids.size > MAX_REMEMBERED_REQIDS) reqids.delete(reqids.values().next().value ?? '');
  return {
    text: request.text,
    delayMs: seeded(settings.seed, 'speech-delay', request.text).between(1_000, 3_000),
    purchase: { kind: 'speech', model: request.voice.id },
    work: () => answerV1(settings, request),
  };
}

function readRequest(body: JsonObject): V1Request {
  const section = (name: string) => (isObject(body[name]) ? body[name] : {});
  const [app, user, audio, request] = [section('app'), section('user'), section('audio'), section('request')];
  for (const [value, name] of [
    [app.appid, 'app.appid'],
    [app.token, 'app.token'],
    [user.uid, 'user.uid'],
    [request.reqid, 'request.reqid'],
  ]) {
    if (typeof value !== 'string' || value === '') refuse(3001, `invalid request: ${String(name)} is required`);
  }
  if (request.operation !== 'query') refuse(3001, 'invalid request: operation must be query');
  const text = readText(request.text);
  const voice = knownVoice(audio.voice_type) ?? refuse(3050, `voice_type ${String(audio.voice_type)} does not exist`);
  if (voice.family === '2.0') refuse(3001, '[resource_id=volc.tts.default] requested resource not granted', 403);
  if (app.cluster !== CLUSTER) refuse(3031, 'Init Engine Instance failed: voice_type and cluster do not match');
  // An English voice has no reading for Chinese characters.
  if (!voice.languages.includes('zh') && /\p{Script=Han}/u.test(text)) refuse(3011, 'illegal input text');
  return {
    text,
    voice,
    reqid: String(request.reqid),
    format: choice(audio.encoding, FORMATS, 'pcm', 'encoding') as AudioFormat,
    sampleRate: choice(audio.rate, RATES, 24_000, 'rate'),
    bitRate: within(audio.bitrate, [8, 320], 160, 'bitrate') * 1000,
    speed: within(audio.speed_ratio, [0.1, 2], 1, 'speed_ratio'),
    gain: within(audio.loudness_ratio, [0.5, 2], 1, 'loudness_ratio'),
    timestamps: wantedTimestamps(request, voice.family),
  };
}

function readText(text: unknown): string {
  if (typeof text !== 'string') return refuse(3001, 'invalid request: request.text is required');
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) refuse(3010, `text is too long: at most ${MAX_TEXT_BYTES} bytes`);
  if (!hasSpeech(text)) refuse(3011, 'illegal input text');
  return text;
}

/** Small-model voices time by their front end, in seconds; the big ones in milliseconds. */
function wantedTimestamps(request: JsonObject, family: string): V1Request['timestamps'] {
  const on = (value: unknown) => value === 1 || value === '1' || value === true;
  if (family === 'small')
    return on(request.with_frontend) && request.frontend_type === 'unitTson' ? 'seconds' : undefined;
  return on(request.with_timestamp) && request.text_type !== 'ssml' ? 'milliseconds' : undefined;
}

async function answerV1(settings: SpeechSettings, request: V1Request) {
  const narration = await narrate(settings, request);
  if (!narration.audio)
    throw new Refusal({ code: 3031, message: `processing error: ${request.format} cannot be encoded here` });
  const answer = jsonAnswer(
    200,
    {
      reqid: request.reqid,
      code: 3000,
      operation: 'query',
      message: 'Success',
      sequence: -1,
      data: narration.audio.toString('base64'),
      addition: {
        duration: String(Math.round(narration.durationMs)),
        ...(request.timestamps ? { frontend: frontend(narration.words, request.timestamps) } : {}),
      },
    },
    logId(),
  );
  const characters = countCharacters(request.text);
  return { answer, units: characters, usage: { characters } };
}

/** A JSON document inside a string: that is how it comes. */
function frontend(words: readonly Word[], unit: 'milliseconds' | 'seconds'): string {
  const time = (ms: number) => (unit === 'milliseconds' ? Math.round(ms) : Math.round(ms) / 1000);
  return JSON.stringify({
    words: words.map(({ text, startMs, endMs }) => ({
      word: text,
      start_time: time(startMs),
      end_time: time(endMs),
      ...(unit === 'seconds' ? { unit_type: 'text' } : { confidence: 0.85 }),
    })),
    phonemes: [],
  });
}

const CODE_MESSAGES: Record<string, string> = {
  3003: 'quota exceeded for types: concurrency',
  3005: 'backend service busy',
  3030: 'processing timeout',
  3031: 'processing error',
  3032: 'timeout waiting for audio',
  3040: 'backend connection error',
};

function failV1({ code, status = 200, message }: Failure, call: IncomingCall): Answer {
  const body = parseJson(call.body);
  const reqid = isObject(body?.request) && typeof body.request.reqid === 'string' ? body.request.reqid : '';
  const text = message ?? CODE_MESSAGES[String(code)] ?? `request failed with ${code}`;
  const number = Number(code);
  return jsonAnswer(status, { reqid, code: Number.isNaN(number) ? code : number, message: text }, logId());
}

export function logId(): Record<string, string> {
  return { 'x-tt-logid': `${Date.now()}${randomUUID().replaceAll('-', '').slice(0, 19)}` };
}

function refuse(code: number, message: string, status?: number): never {
  throw new Refusal({ code, message, status });
}

function choice<T>(value: unknown, choices: readonly T[], fallback: T, name: string): T {
  if (value === undefined || value === null) return fallback;
  return choices.find((one) => one === value) ?? refuse(3001, `invalid request: ${name} is not supported`);
}

function within(value: unknown, [low, high]: readonly [number, number], fallback: number, name: string): number {
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'number' && value >= low && value <= high) return value;
  return refuse(3001, `invalid request: ${name} must be within ${low} and ${high}`);
}
