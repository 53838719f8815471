import type { Readable } from 'node:stream';
import { ProviderError } from '../../domain/errors.ts';
import { readLines } from '../lines.ts';
import { parseJson } from '../parse-json.ts';
import {
  cutAnswer,
  outcomeUnknown,
  type PaidAnswer,
  readAnswer,
  sendPaidPost,
  unreadableAnswer,
} from '../paid-post.ts';
import { systemCode } from '../error-code.ts';
import type { SpeechAnswer } from './interfaces.ts';
import {
  MAX_ANSWER_BYTES,
  MAX_PCM_BYTES,
  SAMPLE_RATE,
  speechAnswer,
  type SpeechCall,
  type SpeechCredentials,
  type SpeechAccess,
  speechRefused,
  type Spoken,
} from './speech-answer.ts';
import { SpeechRejection, SpeechV3Frame } from './wire.ts';
import type { TimedWord } from './word-timings.ts';

const FINISHED = 20_000_000;

/** V3: audio and word timings as a stream of JSON lines under one HTTP 200, finished only by its own code. */
export async function synthesizeV3(
  call: SpeechCall,
  { baseUrl, credentials, pool, answerTimeoutMs }: SpeechAccess,
): Promise<SpeechAnswer> {
  // The voice must belong to the resource; it chooses the price too.
  const resource = call.family === '2.0' ? 'seed-tts-2.0' : 'seed-tts-1.0';
  const answer = await sendPaidPost({
    pool,
    provider: 'speech',
    url: `${baseUrl.replace(/\/+$/, '')}/api/v3/tts/unidirectional`,
    headers: {
      ...credentialHeaders(credentials),
      'x-api-resource-id': resource,
      'x-api-request-id': call.requestId,
      'x-control-require-usage-tokens-return': 'text_words',
    },
    body: v3Body(call),
    answerTimeoutMs,
  });
  if (answer.status !== 200) throw await rejected(answer);
  return speechAnswer(answer, { ...(await readStream(answer)), model: resource });
}

function credentialHeaders(credentials: SpeechCredentials): Record<string, string> {
  if ('apiKey' in credentials) return { 'x-api-key': credentials.apiKey };
  return { 'x-api-app-id': credentials.appId, 'x-api-access-key': credentials.accessToken };
}

function v3Body({ text, voice, family }: SpeechCall): unknown {
  const timings = family === '2.0' ? { enable_subtitle: true } : { enable_timestamp: true };
  return {
    req_params: { text, speaker: voice, audio_params: { format: 'pcm', sample_rate: SAMPLE_RATE, ...timings } },
  };
}

/** Refused before the stream began: the body has its own code, whatever the status. */
async function rejected(answer: PaidAnswer): Promise<ProviderError> {
  const rejection = SpeechRejection.safeParse(parseJson(await readAnswer(answer, MAX_ANSWER_BYTES)));
  return rejection.success ? speechRefused(answer, 'v3', rejection.data) : unreadableAnswer(answer);
}

async function readStream(answer: PaidAnswer): Promise<Omit<Spoken, 'model'>> {
  const audio: Buffer[] = [];
  const words: TimedWord[] = [];
  let audioBytes = 0;
  try {
    const pieces = answer.body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const line of readLines(pieces, MAX_ANSWER_BYTES)) {
      const frame = readFrame(answer, line);
      if (frame.code === FINISHED) {
        drain(answer.body);
        return { pcm: Buffer.concat(audio), words, billedCharacters: frame.usage?.text_words ?? null };
      }
      if (frame.code !== 0) throw refusedInStream(answer, frame, audioBytes);
      const piece = Buffer.from(frame.data ?? '', 'base64');
      audioBytes += piece.length;
      if (audioBytes > MAX_PCM_BYTES) throw outcomeUnknown(answer, 'sent endless audio', 'AnswerTooLarge');
      audio.push(piece);
      for (const { word, startTime: start, endTime: end } of frame.sentence?.words ?? [])
        words.push({ word, start, end });
    }
  } catch (cause) {
    drain(answer.body);
    throw cause instanceof ProviderError ? cause : cutAnswer(answer, systemCode(cause));
  }
  throw cutAnswer(answer, 'StreamNotFinished');
}

function readFrame(answer: PaidAnswer, line: string): SpeechV3Frame {
  const frame = SpeechV3Frame.safeParse(parseJson(line));
  if (frame.success) return frame.data;
  const rejection = SpeechRejection.safeParse(parseJson(line));
  if (rejection.success) throw speechRefused(answer, 'v3', rejection.data);
  throw unreadableAnswer(answer);
}

/** A failure after audio had come may be billed for that audio: then it is no plain "try again". */
function refusedInStream(answer: PaidAnswer, frame: SpeechV3Frame, audioBytes: number): ProviderError {
  const error = speechRefused(answer, 'v3', frame);
  if (audioBytes === 0) return error;
  const inDoubt = error.details.kind === 'temporary_failure' || error.details.kind === 'rate_limit';
  if (inDoubt) return outcomeUnknown(answer, 'failed in the midst of its audio', error.details.code);
  return new ProviderError(error.message, { ...error.details, billed: 'unknown' });
}

/** How long the end of an answer that has said all it had to say is waited for, to use its connection again. */
const DRAIN_MS = 1_000;

function drain(body: Readable): void {
  const giveUp = setTimeout(() => body.destroy(), DRAIN_MS).unref();
  body.once('close', () => clearTimeout(giveUp));
  body.resume();
}
