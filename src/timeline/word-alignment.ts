import type { WordTiming } from '../domain/word-timing.ts';
import type { CaptionToken } from './caption-text.ts';

export interface TimedToken extends CaptionToken {
  startMs: number;
  endMs: number;
}

interface Letter {
  /** Compared without case and width. */
  key: string;
  /** UTF-16 position in the text. */
  at: number;
  weight: number;
  /** Rest before it, after a mark. */
  pause: number;
  startMs: number | null;
  endMs: number | null;
}

const SPOKEN = /[\p{L}\p{N}]/u;
const FULL = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{N}\p{Lu}]/u;
/** How much longer than a Han character's time speech rests after a mark, when only the text is known. */
const PAUSE_WEIGHT = { sentence: 1.6, clause: 0.8 };

/**
 * Gives every token of a text its time. The words that were timed may be spelled otherwise (2025 → 二零二五): letters
 * that both have, in order, are anchors, and what lies between two anchors shares the time between them by weight.
 */
export function timeTokens(
  text: string,
  options: { tokens: readonly CaptionToken[]; words: readonly WordTiming[]; durationMs: number },
): TimedToken[] {
  const { tokens, words, durationMs } = options;
  const letters = lettersOf(text, { pauses: words.length === 0 });
  anchor(letters, words);
  const first = words[0]?.startMs ?? 0;
  const last = words.at(-1)?.endMs ?? durationMs;
  fill(letters, { startMs: Math.min(first, durationMs), endMs: Math.min(Math.max(first, last), durationMs) });

  let before = 0;
  let next = 0;
  return tokens.map((token) => {
    const own: Letter[] = [];
    while (next < letters.length && letters[next]!.at < token.end) own.push(letters[next++]!);
    const startMs = clamp(own[0]?.startMs ?? before, { from: before, to: durationMs });
    const endMs = clamp(own.at(-1)?.endMs ?? startMs, { from: startMs, to: durationMs });
    before = endMs;
    return { ...token, startMs, endMs };
  });
}

function lettersOf(text: string, { pauses }: { pauses: boolean }): Letter[] {
  const letters: Letter[] = [];
  let at = 0;
  let pause = 0;
  for (const character of text) {
    if (SPOKEN.test(character)) {
      const weight = FULL.test(character) ? 1 : 1 / 3;
      letters.push({ key: keyOf(character), at, weight, pause, startMs: null, endMs: null });
      pause = 0;
    } else if (pauses && letters.length > 0) {
      if (/[。！？!?…；;.]/u.test(character)) pause = PAUSE_WEIGHT.sentence;
      else if (/[，,、：:—]/u.test(character)) pause = Math.max(pause, PAUSE_WEIGHT.clause);
    }
    at += character.length;
  }
  return letters;
}

const keyOf = (character: string): string => character.normalize('NFKC').toLowerCase().slice(0, 2);

/** Takes the times of the longest common sequence of letters. */
function anchor(letters: readonly Letter[], words: readonly WordTiming[]): void {
  const spoken = spokenLetters(words);
  const keys = (all: readonly { key: string }[]): string[] => all.map(({ key }) => key);
  for (const [at, said] of matchLetters(keys(letters), keys(spoken))) {
    const { startMs, endMs } = spoken[said]!;
    Object.assign(letters[at]!, { startMs, endMs });
  }
}

/** The letters and digits of words, each with its even share of its word's time (0 for words without one). */
export function spokenLetters(
  words: readonly (Pick<WordTiming, 'word'> & Partial<WordTiming>)[],
): { key: string; startMs: number; endMs: number }[] {
  return words.flatMap(({ word, startMs = 0, endMs = startMs }) => {
    const own = [...word].filter((character) => SPOKEN.test(character));
    const each = (endMs - startMs) / Math.max(1, own.length);
    return own.map((character, index) => ({
      key: keyOf(character),
      startMs: startMs + index * each,
      endMs: startMs + (index + 1) * each,
    }));
  });
}

/** The longest common sequence, as pairs of places. */
export function matchLetters(left: readonly string[], right: readonly string[]): [number, number][] {
  const width = right.length + 1;
  const common = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      common[i * width + j] =
        left[i] === right[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    if (left[i] === right[j]) pairs.push([i++, j++]);
    else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}

/** Letters without a time share the time between their neighbours by weight. */
function fill(letters: readonly Letter[], whole: { startMs: number; endMs: number }): void {
  for (let from = 0; from < letters.length;) {
    if (letters[from]!.startMs !== null) {
      from++;
      continue;
    }
    let to = from;
    while (to < letters.length && letters[to]!.startMs === null) to++;
    const startMs = letters[from - 1]?.endMs ?? whole.startMs;
    const endMs = Math.max(startMs, letters[to]?.startMs ?? whole.endMs);
    const run = letters.slice(from, to);
    const unit = (endMs - startMs) / run.reduce((total, { weight, pause }) => total + weight + pause, 0);
    let at = startMs;
    for (const letter of run) {
      letter.startMs = at + unit * letter.pause;
      at = letter.endMs = letter.startMs + unit * letter.weight;
    }
    from = to;
  }
}

const clamp = (value: number, { from, to }: { from: number; to: number }): number =>
  Math.min(Math.max(value, from), Math.max(from, to));
