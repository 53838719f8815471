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
import { encode } from './encode.ts';
import {
  countCharacters,
  hasSpeech,
  knownVoice,
  narrate,
  type Narration,
  type NarrationRequest,
  type Sentence,
  type SpeechSettings,
} from './narration-request.ts';
import { isObject, parseJson, type JsonObject } from './request-body.ts';
import { logId } from './v1.ts';

type Framing = 'lines' | 'events';

const PATHS: Record<Framing, string> = {
  lines: '/api/v3/tts/unidirectional',
  events: '/api/v3/tts/unidirectional/sse',
};

export function speechV3Route(settings: SpeechSettings, framing: Framing): Route {
  return {
    name: 'speech',
    path: PATHS[framing],
    accept: (call) => acceptV3(settings, call, framing),
    failure: (failure) => failV3(failure, framing),
  };
}

const FINISHED = 20_000_000;
const TEXT_TOO_LONG = 40_402_003;
const DENIED = 45_000_000;
const INVALID_KEY = 45_000_010;
const NOT_GRANTED = 45_000_030;
const SERVER_ERROR = 55_000_000;

/** The vendor publishes no cap; this one keeps a call within what one answer should hold. */
const MAX_TEXT_CHARACTERS = 5_000;
const CHUNK_BYTES = 32 * 1024;
const RATES = [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const FORMATS = ['mp3', 'ogg_opus', 'pcm', 'wav'];

/** Which resources serve a voice's family. */
const RESOURCES: Record<string, string> = {
  'seed-tts-2.0': '2.0',
  'seed-tts-1.0': '1.0',
  'volc.service_type.10029': '1.0',
  'seed-tts-1.0-concurr': '1.0',
  'volc.service_type.10048': '1.0',
};

interface V3Request extends NarrationRequest {
  timestamps: boolean;
  returnsUsage: boolean;
}

function acceptV3(settings: SpeechSettings, call: IncomingCall, framing: Framing): AcceptedCall {
  checkCredentials(call);
  const family = RESOURCES[String(call.headers['x-api-resource-id'] ?? '')];
  if (!family) refuse(NOT_GRANTED, '[resource_id] requested resource not granted', 403);
  const request = readRequest(parseJson(call.body) ?? refuse(DENIED, 'invalid request: the body is not JSON', 400), {
    family: family ?? '',
    returnsUsage: ['*', 'text_words'].includes(String(call.headers['x-control-require-usage-tokens-return'])),
  });
  return {
    text: request.text,
    delayMs: seeded(settings.seed, 'speech-delay', request.text).between(1_000, 3_000),
    purchase: { kind: 'speech', model: request.voice.id },
    work: () => answerV3(settings, request, framing),
  };
}

function checkCredentials({ headers }: IncomingCall): void {
  const key = headers['x-api-key'];
  const pair = headers['x-api-app-id'] && headers['x-api-access-key'];
  if (key === 'invalid-key') refuse(INVALID_KEY, 'Invalid X-Api-Key', 401);
  if (headers['x-api-access-key'] === 'invalid-key' || (!key && !pair)) {
    refuse(DENIED, 'load grant: requested grant not found', 401);
  }
}

function readRequest(body: JsonObject, { family, returnsUsage }: { family: string; returnsUsage: boolean }): V3Request {
  const params = isObject(body.req_params) ? body.req_params : {};
  const audio = isObject(params.audio_params) ? params.audio_params : {};
  checkAdditions(params.additions);
  const voice =
    knownVoice(params.speaker) ?? refuse(DENIED, 'speaker permission denied: get resource id: access denied');
  if (voice.family !== family) {
    refuse(SERVER_ERROR, 'resource ID is mismatched with speaker related resource');
  }
  const text = readText(params, voice.family);
  return {
    text,
    voice,
    format: choice(audio.format, FORMATS, 'mp3', 'format') as AudioFormat,
    sampleRate: choice(audio.sample_rate, RATES, 24_000, 'sample_rate'),
    bitRate: typeof audio.bit_rate === 'number' ? audio.bit_rate : 128_000,
    speed: 1 + within(audio.speech_rate, 'speech_rate') / 100,
    gain: 1 + within(audio.loudness_rate, 'loudness_rate') / 100,
    timestamps: (voice.family === '2.0' ? audio.enable_subtitle : audio.enable_timestamp) === true,
    returnsUsage,
  };
}

/** `additions` is JSON inside a string, a common slip of clients. */
function checkAdditions(additions: unknown): void {
  if (additions === undefined || additions === null || additions === '') return;
  if (typeof additions !== 'string' || !parseJson(additions))
    refuse(DENIED, 'invalid request: additions must be a JSON string', 400);
}

function readText(params: JsonObject, family: string): string {
  const ssml = typeof params.ssml === 'string' && family === '1.0' ? params.ssml.replace(/<[^>]*>/g, '') : undefined;
  const text = ssml ?? params.text;
  if (typeof text !== 'string' || !hasSpeech(text)) return refuse(DENIED, 'illegal input text');
  if (countCharacters(text) > MAX_TEXT_CHARACTERS) refuse(TEXT_TOO_LONG, 'TTSExceededTextLimit:exceed max limit');
  return text;
}

async function answerV3(settings: SpeechSettings, request: V3Request, framing: Framing) {
  const narration = await narrate(settings, request);
  const chunks = await audioChunks(settings, request, narration);
  if (!chunks)
    throw new Refusal({ code: SERVER_ERROR, message: `server error: ${request.format} cannot be encoded here` });
  const characters = countCharacters(request.text);
  const frames = [
    ...interleaved(request, narration.sentences, chunks),
    {
      code: FINISHED,
      message: 'ok',
      data: null,
      ...(request.returnsUsage ? { usage: { text_words: characters } } : {}),
    },
  ];
  return { answer: framed(frames, framing), units: characters, usage: { characters } };
}

/** One list of audio pieces for each sentence. */
async function audioChunks(
  settings: SpeechSettings,
  request: V3Request,
  narration: Narration,
): Promise<Buffer[][] | undefined> {
  const { sentences, pcm, audio, durationMs } = narration;
  if (!audio) return undefined;
  // Compressed audio is one stream: it is cut where it falls.
  const bySentence = sentences.map(({ startMs, endMs }) => {
    const whole = request.format === 'pcm' || request.format === 'wav' ? pcm : audio;
    const at = (ms: number) => Math.round((whole.length / 2) * (ms / durationMs)) * 2;
    return whole.subarray(at(startMs), endMs >= durationMs ? whole.length : at(endMs));
  });
  const pieces = bySentence.map((part) =>
    Array.from({ length: Math.ceil(part.length / CHUNK_BYTES) }, (_, i) =>
      part.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
    ),
  );
  if (request.format !== 'wav') return pieces;
  // The real service repeats the header for every chunk; so does this one.
  const wav = { ...request, ffmpegPath: settings.ffmpegPath };
  return Promise.all(pieces.map((part) => Promise.all(part.map(async (piece) => (await encode(piece, wav)) ?? piece))));
}

interface Frame {
  code: number;
  message: string;
  data: string | null;
  sentence?: object;
  usage?: object;
}

/** 1.0 voices: each sentence right after its audio. 2.0 voices: late, after the next sentence's audio. */
function interleaved(request: V3Request, sentences: readonly Sentence[], chunks: readonly Buffer[][]): Frame[] {
  const lag = request.voice.family === '2.0' ? 1 : 0;
  const frames = sentences.flatMap((_, index) => {
    const audio = (chunks[index] ?? []).map((piece) => ({ code: 0, message: '', data: piece.toString('base64') }));
    const due = sentences[index - lag];
    return due ? [...audio, sentenceFrame(due, request.timestamps)] : audio;
  });
  const last = sentences.slice(sentences.length - lag).map((sentence) => sentenceFrame(sentence, request.timestamps));
  return [...frames, ...(lag > 0 ? last : [])];
}

function sentenceFrame({ text, words }: Sentence, timestamps: boolean): Frame {
  const seconds = (ms: number) => Math.round(ms) / 1000;
  const timed = words.map((word) => ({
    word: word.text,
    startTime: seconds(word.startMs),
    endTime: seconds(word.endMs),
    confidence: 0.85,
  }));
  return { code: 0, message: '', data: null, sentence: { phonemes: [], text, words: timestamps ? timed : [] } };
}

const EVENT = { audio: 352, sentence: 351, finished: 152, failed: 153 };

function framed(frames: readonly Frame[], framing: Framing): Answer {
  const [contentType, frame] =
    framing === 'lines'
      ? ['application/json', (value: Frame) => `${JSON.stringify(value)}\n`]
      : ['text/event-stream', (value: Frame) => `event: ${eventOf(value)}\ndata: ${JSON.stringify(value)}\n\n`];
  const body = frames.map((value) => Buffer.from(frame(value)));
  return { status: 200, headers: { 'content-type': contentType, ...logId() }, body };
}

function eventOf(frame: Frame): number {
  if (frame.code === FINISHED) return EVENT.finished;
  if (frame.code !== 0) return EVENT.failed;
  return frame.sentence ? EVENT.sentence : EVENT.audio;
}

const CODE_MESSAGES: Record<string, string> = {
  [DENIED]: 'quota exceeded for types: concurrency',
  [NOT_GRANTED]: 'requested resource not granted',
  [SERVER_ERROR]: 'server error',
  45000292: 'quota exceeded for types: concurrency',
};

/** Refused before the stream: a status and a header object. Otherwise HTTP 200 and the code in a frame. */
function failV3({ code, status = 200, message }: Failure, framing: Framing): Answer {
  const text = message ?? CODE_MESSAGES[String(code)] ?? `request failed with ${code}`;
  const number = Number(code);
  if (status !== 200)
    return jsonAnswer(status, { header: { code: Number.isNaN(number) ? code : number, message: text } }, logId());
  return framed([{ code: number, message: text, data: null }], framing);
}

function refuse(code: number, message: string, status?: number): never {
  throw new Refusal({ code, message, status });
}

function choice<T>(value: unknown, choices: readonly T[], fallback: T, name: string): T {
  if (value === undefined || value === null) return fallback;
  return choices.find((one) => one === value) ?? refuse(DENIED, `invalid request: ${name} is not supported`, 400);
}

function within(value: unknown, name: string): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && value >= -50 && value <= 100) return value;
  return refuse(DENIED, `invalid request: ${name} must be within -50 and 100`, 400);
}
