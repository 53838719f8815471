import { findVoice, type Voice } from '../../src/domain/voice.ts';
import { encode, type AudioFormat } from './encode.ts';
import { normalizedWords, originalWords, type Word } from './normalized-words.ts';
import type { Speaker } from './speaker.ts';

export interface SpeechSettings {
  seed: number;
  speaker: Speaker;
  ffmpegPath: string | undefined;
}

/** What V1 and V3 have in common once their own wire is read. */
export interface NarrationRequest {
  text: string;
  voice: Voice;
  format: AudioFormat;
  sampleRate: number;
  bitRate: number;
  speed: number;
  gain: number;
}

export interface Narration {
  pcm: Buffer;
  /** The encoded whole; undefined when this machine cannot make the format. */
  audio: Buffer | undefined;
  durationMs: number;
  words: Word[];
  sentences: Sentence[];
}

export interface Sentence {
  text: string;
  startMs: number;
  endMs: number;
  words: Word[];
}

export async function narrate({ speaker, ffmpegPath }: SpeechSettings, request: NarrationRequest): Promise<Narration> {
  const { text, voice, format, sampleRate, bitRate, speed, gain } = request;
  const spoken = await speaker.speak({ text, gender: voice.gender, speed, gain, sampleRate });
  const pcm = Buffer.from(spoken.pcm.buffer, spoken.pcm.byteOffset, spoken.pcm.byteLength);
  const isChinese = /\p{Script=Han}/u.test(text);
  const sentences = splitSentences(text).map((sentence, index, all) => {
    const tokens = spoken.tokens.filter(({ start }) => start >= sentence.start && start < sentence.end);
    const startMs = index === 0 ? 0 : (tokens[0]?.startMs ?? 0);
    const isLast = index === all.length - 1;
    const endMs = isLast
      ? spoken.durationMs
      : (spoken.tokens.find(({ start }) => start >= sentence.end)?.startMs ?? spoken.durationMs);
    const words = voice.family === '2.0' ? originalWords(tokens) : normalizedWords(tokens, isChinese);
    return { text: sentence.text, startMs, endMs, words };
  });
  return {
    pcm,
    audio: await encode(pcm, { format, sampleRate, bitRate, ffmpegPath }),
    durationMs: spoken.durationMs,
    words: sentences.flatMap(({ words }) => words),
    sentences,
  };
}

/** Sentences with their place in code points; what holds no word belongs to the sentence before it. */
function splitSentences(text: string): { text: string; start: number; end: number }[] {
  const pieces = text.match(/[^。！？!?；;\n]+(?:[。！？!?；;\n]+["”’』」）)]*\s*)*|[。！？!?；;\n]+/gu) ?? [text];
  const sentences: { text: string; start: number; end: number }[] = [];
  let at = 0;
  for (const piece of pieces) {
    const end = at + [...piece].length;
    const last = sentences.at(-1);
    if (last && !hasSpeech(piece)) Object.assign(last, { text: last.text + piece, end });
    else sentences.push({ text: piece, start: at, end });
    at = end;
  }
  return sentences.map((sentence) => ({ ...sentence, text: sentence.text.trim() }));
}

export function hasSpeech(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** The unit the vendor bills by. */
export function countCharacters(text: string): number {
  return [...text].length;
}

export function knownVoice(id: unknown): Voice | undefined {
  return typeof id === 'string' ? findVoice(id) : undefined;
}
