/** The theme's language, from its script: what `language: auto` means. Latin and everything else counts as English. */
export function languageOf(text: string): string {
  // One の decorates many a Chinese name, and the dot of 达・芬奇 belongs to no script.
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text.replaceAll('の', ''))) return 'ja';
  if (/\p{Script=Hangul}/u.test(text)) return 'ko';
  if (/\p{Script=Han}/u.test(text)) return 'zh';
  return 'en';
}

/** Languages written without spaces, whose length is counted in characters. */
export const countsCharacters = (language: string): boolean => /^(zh|ja|ko|yue)\b/.test(language);

/** How long a text is to speak: characters or words, as its language counts. */
export function spokenLength(text: string, language: string): number {
  const pattern = countsCharacters(language) ? /[\p{L}\p{N}]/gu : /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;
  return text.match(pattern)?.length ?? 0;
}

/** Whether a text is in the kind of script of the one it replaces: what can be told of its language without a dictionary. */
export function isWrittenLike(text: string, other: string): boolean {
  return isMostlyCharacters(text) === isMostlyCharacters(other);
}

/** A few Latin names make no Chinese line English, nor one Chinese name an English line Chinese. */
function isMostlyCharacters(text: string): boolean {
  const pattern = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
  const characters = text.match(pattern)?.length ?? 0;
  return characters > 0.6 * spokenLength(text.replace(pattern, ' '), 'en');
}
