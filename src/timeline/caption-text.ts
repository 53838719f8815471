import type { Canvas } from '../domain/canvas.ts';

/** What lights up at once in karaoke: one Han character, or one word of another script, with its silent neighbours. */
export interface CaptionToken {
  text: string;
  /** Where it stands in the text, in UTF-16 units; the end is exclusive. */
  start: number;
  end: number;
}

/** A line may break before a unit, never inside: a word as people read it. */
type Unit = CaptionToken[];

export interface CaptionPiece {
  lines: CaptionToken[][];
}

const MAX_LINES = 2;
/** A caption that breaks inside a sentence at no mark is worse than an uneven one. */
const COST = { caption: 1, clause: 0.15, midPhrase: 1.6, sentenceInside: 0.9, uneven: 0.8 };

const SENTENCE_END = /[。！？!?…؟।]["'”’」』）)\]]*\s*$|[.]["'”’)\]]*\s+$|\n\s*$/u;
const CLAUSE_END = /[，,、；;：:—،؛]["'”’」』）)\]]*\s*$/u;
const WORDLIKE = /[\p{L}\p{N}]/u;
const OPENER = /^[\p{Ps}\p{Pi}]$/u;
const CURRENCY = /^\p{Sc}$/u;
const BY_CHARACTER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6—…“”‘’]/u;
/** Measured on the caption font; letters not named here are about as wide as an n. */
const WIDTHS = [
  { of: /^[ ijlIft.,:;'|!()[\]{}\\-]/, columns: 0.65 },
  { of: /^[mwMW@%&]/, columns: 1.7 },
  { of: /^\p{Lu}/u, columns: 1.3 },
  { of: /^[\p{N}\p{Sc}]/u, columns: 1.15 },
];
const INVISIBLE = /^[\p{M}\p{Cf}\p{Cc}]+$/u;

/** Han characters a line holds, by the canvas's width for its height. */
const HAN_PER_LINE = [
  { upTo: 0.6, han: 13 },
  { upTo: 0.8, han: 15 },
  { upTo: 1.1, han: 17 },
  { upTo: 1.5, han: 19 },
  { upTo: Infinity, han: 23 },
];

/** Columns of a caption line: a Han character takes two, a Latin letter about one. */
export function columnsPerLine(canvas: Canvas): number {
  return 2 * HAN_PER_LINE.find(({ upTo }) => canvas.width / canvas.height <= upTo)!.han;
}

/** The text without control characters and with single blanks: what captions show. */
export const cleanText = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

/** Cuts a clean text into captions of at most two lines, at marks where possible. */
export function layOutCaptions(text: string, options: { language: string; columns: number }): CaptionPiece[] {
  const units = unitsOf(text, options);
  const costs: number[] = [0];
  const from: number[] = [0];
  const layouts: CaptionToken[][][] = [[]];
  for (let end = 1; end <= units.length; end++) {
    costs[end] = Infinity;
    for (let start = end - 1; start >= 0; start--) {
      const lines = layOutLines(units.slice(start, end), options.columns);
      if (lines === null) break;
      const cost = costs[start]! + costOf(units, { start, end, columns: options.columns });
      if (cost < costs[end]!) {
        costs[end] = cost;
        from[end] = start;
        layouts[end] = lines;
      }
    }
  }
  const pieces: CaptionPiece[] = [];
  for (let end = units.length; end > 0; end = from[end]!) pieces.unshift({ lines: layouts[end]! });
  return pieces;
}

function costOf(
  units: readonly Unit[],
  { start, end, columns }: { start: number; end: number; columns: number },
): number {
  const last = textOf(units[end - 1]!);
  const atEnd = end === units.length || SENTENCE_END.test(last);
  const boundary = atEnd ? 0 : CLAUSE_END.test(last) ? COST.clause : COST.midPhrase;
  const sentencesInside = units.slice(start, end - 1).filter((unit) => SENTENCE_END.test(textOf(unit))).length;
  const fill = widthOf(units.slice(start, end).map(textOf).join('')) / columns;
  const uneven = fill < 1 ? COST.uneven * (1 - fill) ** 2 : 0;
  return COST.caption + boundary + COST.sentenceInside * sentencesInside + uneven;
}

/** One line if it fits, else the most even two; null when two are not enough. */
function layOutLines(units: readonly Unit[], columns: number): CaptionToken[][] | null {
  const texts = units.map(textOf);
  const widthBetween = (start: number, end: number): number => widthOf(texts.slice(start, end).join('').trim());
  if (widthBetween(0, units.length) <= columns) return [trimmed(units)];
  let best: { cut: number; cost: number } | null = null;
  for (let cut = 1; MAX_LINES === 2 && cut < units.length; cut++) {
    const [first, second] = [widthBetween(0, cut), widthBetween(cut, units.length)];
    if (first > columns || second > columns) continue;
    const mark = texts[cut - 1]!;
    const cost = Math.abs(first - second) - (CLAUSE_END.test(mark) || SENTENCE_END.test(mark) ? columns / 3 : 0);
    if (best === null || cost < best.cost) best = { cut, cost };
  }
  return best === null ? null : [trimmed(units.slice(0, best.cut)), trimmed(units.slice(best.cut))];
}

/** The tokens of one line, without blanks at its ends. */
function trimmed(units: readonly Unit[]): CaptionToken[] {
  const tokens = units.flat().map((token) => ({ ...token }));
  const first = tokens[0];
  const last = tokens.at(-1);
  if (first !== undefined) first.text = first.text.trimStart();
  if (last !== undefined) last.text = last.text.trimEnd();
  return tokens.filter((token) => token.text !== '');
}

function unitsOf(text: string, { language, columns }: { language: string; columns: number }): Unit[] {
  const units: Unit[] = [];
  let pending = '';
  let openQuote = false;
  const open = (at: number, pieces: readonly string[]): void => {
    let start = at - pending.length;
    const unit: Unit = [];
    for (const [index, piece] of pieces.entries()) {
      const shown = index === 0 ? pending + piece : piece;
      unit.push({ text: shown, start, end: start + shown.length });
      start += shown.length;
    }
    pending = '';
    units.push(unit);
  };
  for (const { segment, index } of segmenter('word', language).segment(text)) {
    const next = text[index + segment.length];
    if (WORDLIKE.test(segment)) {
      open(index, BY_CHARACTER.test(segment) ? graphemes(segment, language) : [segment]);
      continue;
    }
    if (segment === '"') openQuote = !openQuote;
    const opens = OPENER.test(segment) || (segment === '"' && openQuote);
    const sign = (CURRENCY.test(segment) || segment === '#') && next !== undefined && WORDLIKE.test(next);
    const last = units.at(-1)?.at(-1);
    if (opens || sign || pending !== '' || last === undefined) {
      pending += segment;
    } else {
      last.text += segment;
      last.end += segment.length;
    }
  }
  if (pending !== '') open(text.length, ['']);
  return units.flatMap((unit) => splitWide(unit, { columns, language }));
}

/** A unit wider than a line (a web address, a row of emoji) breaks between characters. */
function splitWide(unit: Unit, { columns, language }: { columns: number; language: string }): Unit[] {
  if (widthOf(textOf(unit).trim()) <= columns) return [unit];
  const parts: Unit[] = [];
  let width = Infinity;
  for (const token of unit) {
    let start = token.start;
    for (const character of graphemes(token.text, language)) {
      const part = parts.at(-1);
      const open = part?.at(-1);
      const characterWidth = widthOf(character);
      if (part === undefined || width + characterWidth > columns) {
        parts.push([{ text: character, start, end: start + character.length }]);
        width = characterWidth;
      } else {
        width += characterWidth;
        if (open !== undefined && start > token.start) {
          open.text += character;
          open.end += character.length;
        } else part.push({ text: character, start, end: start + character.length });
      }
      start += character.length;
    }
  }
  return parts;
}

/** Laying out asks for the same lines again and again; enough for a film's. */
const MOST_KNOWN_WIDTHS = 5_000;
const knownWidths = new Map<string, number>();

/** Display columns: two for wide characters and emoji, none for marks that join. */
export function widthOf(text: string): number {
  const known = knownWidths.get(text);
  if (known !== undefined) return known;
  if (knownWidths.size >= MOST_KNOWN_WIDTHS) knownWidths.clear();
  const width = measuredWidth(text);
  knownWidths.set(text, width);
  return width;
}

function measuredWidth(text: string): number {
  let columns = 0;
  for (const character of graphemes(text, 'und')) {
    if (INVISIBLE.test(character)) continue;
    columns += WIDE.test(character) ? 2 : (WIDTHS.find(({ of }) => of.test(character))?.columns ?? 1.15);
  }
  return Math.round(columns * 10) / 10;
}

const textOf = (tokens: readonly CaptionToken[]): string => tokens.map((token) => token.text).join('');

const graphemes = (text: string, language: string): string[] =>
  Array.from(segmenter('grapheme', language).segment(text), ({ segment }) => segment);

const segmenters = new Map<string, Intl.Segmenter>();

/** Making a segmenter takes longer than using it. A language tag nobody knows falls back to none. */
function segmenter(granularity: 'word' | 'grapheme', language: string): Intl.Segmenter {
  const key = `${granularity} ${language}`;
  const known = segmenters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.Segmenter(isTag(language) ? language : 'und', { granularity });
  segmenters.set(key, made);
  return made;
}

function isTag(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
}
