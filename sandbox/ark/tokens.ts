const HAN = /\p{Script=Han}/gu;

/** About what the vendor's tokenizer counts: two Han characters in three tokens' worth of text, four Latin letters a token. */
export function countTokens(text: string): number {
  const han = text.match(HAN)?.length ?? 0;
  return Math.max(1, Math.ceil(han * 0.7 + (text.length - han) / 4));
}

/** The longest beginning of the text that has at most this many tokens. */
export function cutToTokens(text: string, most: number): string {
  const points = [...text];
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (countTokens(points.slice(0, middle).join('')) <= most) low = middle;
    else high = middle - 1;
  }
  return points.slice(0, low).join('');
}
