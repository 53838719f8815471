import type { ProviderError } from '../../domain/errors.ts';
import type { Voice } from '../../domain/voice.ts';
import { printable } from '../error-code.ts';
import { outcomeUnknown, type PaidAnswer, providerError, unreadableAnswer } from '../paid-post.ts';
import type { ServicePool } from '../pool.ts';
import type { SpeechAnswer, SpeechRequest } from './interfaces.ts';
import { classifySpeechError, type SpeechApi } from './speech-errors.ts';
import { type TimedWord, wordTimings } from './word-timings.ts';

export type SpeechCredentials = { apiKey: string } | { appId: string; accessToken: string };

/** Where and as whom the service is called. */
export interface SpeechAccess {
  baseUrl: string;
  credentials: SpeechCredentials;
  pool: ServicePool;
  answerTimeoutMs?: number;
}

/** A request on its way to one of the two APIs. */
export interface SpeechCall extends SpeechRequest {
  family: Voice['family'];
}

/** What both APIs are asked for: PCM, whose length is exact, at the models' own rate. */
export const SAMPLE_RATE = 24_000;
const BYTES_PER_SAMPLE = 2;

/** 16 MiB, over five minutes of PCM: a scene's narration is seconds. Base64 in JSON is a third more. */
export const MAX_PCM_BYTES = 16 * 1024 * 1024;
export const MAX_ANSWER_BYTES = Math.ceil(MAX_PCM_BYTES * 1.4);

export interface Spoken {
  pcm: Buffer;
  words: readonly TimedWord[];
  billedCharacters: number | null;
  model: string;
}

/** The answer, its duration counted from the samples; no API's own figure is trusted. */
export function speechAnswer(answer: PaidAnswer, { pcm, words, billedCharacters, model }: Spoken): SpeechAnswer {
  const samples = Math.floor(pcm.length / BYTES_PER_SAMPLE);
  if (samples === 0) throw outcomeUnknown(answer, 'answered without audio', 'NoAudio');
  const durationMs = Math.round((samples * 1000) / SAMPLE_RATE);
  return {
    pcm: pcm.subarray(0, samples * BYTES_PER_SAMPLE),
    sampleRate: SAMPLE_RATE,
    durationMs,
    words: wordTimings(words, durationMs),
    billedCharacters,
    model,
  };
}

/** A failure in Speech's own words. One that the catalogue does not know is judged by its HTTP status. */
export function speechRefused(
  answer: PaidAnswer,
  api: SpeechApi,
  fault: { code: number; message?: string | null | undefined },
): ProviderError {
  const kind = classifySpeechError({ api, code: fault.code, message: fault.message ?? '' });
  const code = printable(fault.code);
  const requestId = printable(answer.headers['x-tt-logid']);
  if (kind !== null) return providerError(answer, kind, 'speech refused the request', { code, requestId });
  if (answer.status >= 500) {
    return providerError(answer, 'temporary_failure', 'speech failed', { code, requestId });
  }
  if (answer.status >= 300) return unreadableAnswer(answer, { code, requestId });
  return providerError(answer, 'permanent', 'speech refused the request', { code, requestId });
}
