import { sceneAndSubjectOf } from './picture-prompt.ts';

/** As many say what a picture shows; more would only make rows long. */
const MAX_WORDS = 200;
const CHARACTERS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu;
const WORDS = /[\p{L}\p{N}]+/gu;
/** Of English, what stands in every description. */
const EMPTY = new Set(
  'a an and are as at by from in into is it its of on or over that the their this to under with'.split(' '),
);

/**
 * What a picture's prompt is about, in a form that two prompts can be held side by side in: pairs of neighbouring
 * characters where words are written without blanks between them, whole words elsewhere. Sorted, each once.
 */
export function pictureWords(prompt: string): string[] {
  const { scene, subject } = sceneAndSubjectOf(prompt);
  const text = `${scene} ${subject}`.normalize('NFKC').toLowerCase();
  const pairs = [...text.matchAll(CHARACTERS)].flatMap(([run]) => {
    const characters = [...run];
    return characters.length === 1 ? characters : characters.slice(1).map((next, at) => `${characters[at]}${next}`);
  });
  const words = [...text.replace(CHARACTERS, ' ').matchAll(WORDS)].map(([word]) => word);
  return [...new Set([...pairs, ...words.filter((word) => word.length > 1 && !EMPTY.has(word))])]
    .slice(0, MAX_WORDS)
    .sort();
}

/** Of all words in either, the share that is in both: 0 to 1. */
export function similarity(these: readonly string[], those: readonly string[]): number {
  const known = new Set(those);
  const shared = these.filter((word) => known.has(word)).length;
  const all = these.length + those.length - shared;
  return all === 0 ? 0 : shared / all;
}

/** From here on a picture is taken for another prompt's: most of what is said of either is said of both. */
export const SIMILAR_ENOUGH = 0.5;
