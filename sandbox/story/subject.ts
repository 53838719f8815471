import { chineseSubject } from './subject-chinese.ts';
import { englishSubject } from './subject-english.ts';

/** A theme reduced to what it is about, in its own words. */
export interface Subject {
  /** The theme without its request words, as something that can be named: 新款智能手表. */
  phrase: string;
  /** The thing itself: 智能手表. */
  core: string;
  /** Its words that carry meaning, the core first. */
  keywords: readonly [string, ...string[]];
  /** The theme asks how something is done: the phrase is then an action, not a thing. */
  isHowTo: boolean;
}

const HAN = /\p{Script=Han}/u;
const SIGNS = /[\p{Extended_Pictographic}\u200d\ufe0f]/gu;
/** What stands in quotation marks is what a theme is about. */
const QUOTED = /[“「『《]([^”」』》]{1,16})[”」』》]/u;

export function findSubject(theme: string): Subject {
  const clean = theme.replace(SIGNS, ' ').replace(/\s+/g, ' ').trim() || theme.trim();
  const quoted = QUOTED.exec(clean)?.[1]?.trim();
  const bare = clean.replace(/[“”「」『』《》"]/gu, '');
  const subject = HAN.test(clean) ? chineseSubject(bare) : englishSubject(bare);
  if (!quoted) return subject;
  return { ...subject, core: quoted, phrase: quoted, keywords: [quoted, ...subject.keywords] };
}

/** Words as the language parts them. */
export function wordsOf(text: string, locale: string): string[] {
  const segmenter = new Intl.Segmenter(locale, { granularity: 'word' });
  return [...segmenter.segment(text)].filter((piece) => piece.isWordLike).map((piece) => piece.segment);
}

export function withCore(core: string, words: readonly string[]): [string, ...string[]] {
  return [core, ...new Set(words.filter((word) => word !== core))];
}

/** Takes beginnings away while something is left. */
export function stripAll(text: string, leading: RegExp): string {
  let rest = text;
  for (;;) {
    const next = rest.replace(leading, '');
    if (next === rest || next.trim() === '') return rest.trim();
    rest = next;
  }
}

export function clipped(text: string, most: number): string {
  return [...text].slice(0, most).join('');
}
