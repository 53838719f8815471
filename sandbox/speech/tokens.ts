/** A piece of text that is shown and timed as one: a Han character, or a word or number of another script. */
export interface Token {
  /** As in the text, without the silent characters around it. */
  text: string;
  /** First and one past the last code point. */
  start: number;
  end: number;
  /** Silent characters after it (punctuation, spaces), shown with it. */
  tail: string;
}

const HAN = /\p{Script=Han}/u;
const WORD = /[\p{L}\p{M}\p{N}]/u;
const INNER = /[.,:/'’\-+&]/u;
const LEADING_SIGN = /[¥$€#]/u;

/** Splits by code points, as espeak counts them. */
export function tokenize(text: string): Token[] {
  const points = [...text];
  const tokens: Token[] = [];
  let at = 0;
  while (at < points.length) {
    const end = tokenEnd(points, at);
    if (end === at) {
      const last = tokens.at(-1);
      if (last) last.tail += points[at];
      at += 1;
    } else {
      tokens.push({ text: points.slice(at, end).join(''), start: at, end, tail: '' });
      at = end;
    }
  }
  return tokens;
}

/** Where the token that begins here ends; the same place when nothing spoken begins here. */
function tokenEnd(points: readonly string[], start: number): number {
  const is = (pattern: RegExp, at: number) => pattern.test(points[at] ?? '');
  const isWord = (at: number) => is(WORD, at) && !is(HAN, at);
  if (is(HAN, start)) return start + 1;
  let end = is(LEADING_SIGN, start) && isWord(start + 1) ? start + 1 : start;
  if (!isWord(end)) return start;
  while (isWord(end) || (is(INNER, end) && isWord(end + 1))) end += 1;
  return is(/%/u, end) ? end + 1 : end;
}

/** How long a token lasts beside its neighbours, where espeak does not say. */
export function spokenWeight(text: string): number {
  const allCapital = /^[^a-z]*[A-Z][^a-z]*$/.test(text);
  return [...text].reduce((sum, point) => {
    if (HAN.test(point) || /\p{N}/u.test(point)) return sum + 1;
    if (!/\p{L}/u.test(point)) return sum;
    return sum + (allCapital ? 1 : 1 / 3);
  }, 0);
}
