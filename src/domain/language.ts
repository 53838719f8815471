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
