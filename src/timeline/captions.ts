import type { Canvas } from '../domain/canvas.ts';
import type { WordTiming } from '../domain/word-timing.ts';
import { cleanText, columnsPerLine, layOutCaptions } from './caption-text.ts';
import { usOfFrame } from './frames.ts';
import type { CaptionSegment } from './timeline.ts';
import { timeTokens, type TimedToken } from './word-alignment.ts';

/** Reading and speaking speed when nothing was measured. */
const HAN_PER_SECOND = 4.5;
const WORDS_PER_SECOND = 2.6;
const LEAST_SECONDS = 0.8;
/** A caption comes a moment before its first word and stands a moment after its last. */
const LEAD_MS = 80;
const HOLD_MS = 500;

export interface CaptionOptions {
  sceneId: string;
  canvas: Canvas;
  language: string;
  karaoke: boolean;
  fps: number;
  words: readonly WordTiming[];
  /** Length of what the words are timed in. */
  durationMs: number;
  tempo: number;
  /** Frames: captions stand from `start` to `end` at most; speech ends at `speechEnd`. */
  window: { start: number; speechEnd: number; end: number };
}

/** How long a text takes to say or to read. */
export function estimatedSeconds(text: string, language: string): number {
  const characters = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu)?.length ?? 0;
  const segments = new Intl.Segmenter(/^[a-z]{2,3}\b/i.test(language) ? language.slice(0, 2) : 'und', {
    granularity: 'word',
  });
  let words = 0;
  for (const { segment, isWordLike } of segments.segment(text)) {
    if (isWordLike === true && !/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(segment)) words++;
  }
  return Math.max(LEAST_SECONDS, characters / HAN_PER_SECOND + words / WORDS_PER_SECOND);
}

/** One scene's captions; `dropped` counts those for which its time had no frame left. */
export function captionsOf(
  narration: string,
  options: CaptionOptions,
): { captions: CaptionSegment[]; dropped: number } {
  const { fps, window, tempo } = options;
  const text = cleanText(narration);
  if (text === '') return { captions: [], dropped: 0 };
  const pieces = layOutCaptions(text, { language: options.language, columns: columnsPerLine(options.canvas) });
  const tokens = timeTokens(text, {
    tokens: pieces.flatMap(({ lines }) => lines.flat()),
    words: options.words,
    durationMs: options.durationMs,
  });

  const startUs = usOfFrame(window.start, fps);
  const filmUs = (ms: number): number => startUs + Math.round((ms * 1000) / tempo);
  const frameAt = (ms: number): number => (filmUs(ms) * fps) / 1_000_000;

  let taken = 0;
  const timed = pieces.map(({ lines }) => lines.map((line) => tokens.slice(taken, (taken += line.length))));
  const starts = timed.map((lines, index) =>
    index === 0 && lines[0]![0]!.startMs < HOLD_MS
      ? window.start
      : Math.floor(frameAt(lines[0]![0]!.startMs - LEAD_MS)),
  );
  const shown = spread(starts, window);
  const captions = shown.map((start, index): CaptionSegment => {
    const lines = timed[index]!;
    const next = shown[index + 1] ?? window.end;
    const spokenTo = Math.ceil(frameAt(lines.at(-1)!.at(-1)!.endMs + HOLD_MS));
    // A short gap between two captions flickers: the first one stays.
    const stays = index + 1 < shown.length && next - spokenTo < (HOLD_MS * fps) / 1000;
    const end = stays ? next : Math.min(next, Math.max(spokenTo, start + 1));
    const span = { startUs: usOfFrame(start, fps), endUs: usOfFrame(end, fps) };
    return {
      sceneId: options.sceneId,
      startUs: span.startUs,
      durationUs: span.endUs - span.startUs,
      lines: lines.map((line) => line.map((token) => token.text).join('')),
      words: options.karaoke ? lines.flat().map((token) => wordOf(token, { filmUs, span })) : null,
    };
  });
  return { captions, dropped: pieces.length - shown.length };
}

function wordOf(
  token: TimedToken,
  { filmUs, span }: { filmUs: (ms: number) => number; span: { startUs: number; endUs: number } },
): { text: string; startUs: number; endUs: number } {
  const within = (us: number): number => Math.min(Math.max(us, span.startUs), span.endUs);
  return { text: token.text, startUs: within(filmUs(token.startMs)), endUs: within(filmUs(token.endMs)) };
}

/** At least one frame for each, in order, inside the window; what finds no frame is left out. */
function spread(starts: readonly number[], window: { start: number; end: number }): number[] {
  const kept = starts.slice(0, Math.max(0, window.end - window.start));
  const spreadOut: number[] = [];
  for (const [index, start] of kept.entries()) {
    const least = index === 0 ? window.start : spreadOut[index - 1]! + 1;
    const most = window.end - (kept.length - index);
    spreadOut.push(Math.min(Math.max(start, least), most));
  }
  return spreadOut;
}
