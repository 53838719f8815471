import type { WordTiming } from '../../domain/word-timing.ts';

/** A word as a provider times it, in seconds or in milliseconds. */
export interface TimedWord {
  word: string;
  start: number;
  end: number;
}

/**
 * Words in the order spoken, in milliseconds, none before its predecessor's start, overlapping its successor or outliving
 * the audio. The unit is told by the audio's length: V3 counts seconds, V1 milliseconds, its small voices seconds.
 */
export function wordTimings(words: readonly TimedWord[], durationMs: number): WordTiming[] {
  const spoken = words.filter(({ word }) => word.trim() !== '').sort((a, b) => a.start - b.start);
  const scale = unitMs(spoken, durationMs);
  const starts = spoken.map(({ start }) => clamp(start * scale, 0, durationMs));
  return spoken.map(({ word, end }, index) => {
    const startMs = starts[index] ?? durationMs;
    // The last word's end is known to come out at twice its true value.
    return { word, startMs, endMs: clamp(end * scale, startMs, starts[index + 1] ?? durationMs) };
  });
}

/** Seconds and milliseconds are a thousandfold apart, so a hundredth of the audio parts them whatever the pauses. */
function unitMs(words: readonly TimedWord[], durationMs: number): 1 | 1000 {
  const lastEnd = Math.max(0, ...words.map(({ end }) => end));
  return lastEnd < durationMs / 100 ? 1000 : 1;
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(Math.round(value), low), high);
