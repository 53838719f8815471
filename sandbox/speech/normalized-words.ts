import { spokenWeight } from './tokens.ts';
import type { TimedToken } from './timings.ts';

export interface Word {
  text: string;
  startMs: number;
  endMs: number;
}

/** What 2.0 voices report: the text's own tokens. */
export function originalWords(tokens: readonly TimedToken[]): Word[] {
  return tokens.map(({ text, startMs, endMs }) => ({ text, startMs, endMs }));
}

/** What 1.0 voices report: numbers as they are spoken, punctuation kept with the word before it. */
export function normalizedWords(tokens: readonly TimedToken[], isChinese: boolean): Word[] {
  return tokens.flatMap((token, index) => {
    const next = tokens[index + 1]?.text;
    const spoken = isChinese ? spokenInChinese(token.text, next) : [token.text];
    const words = shared(spoken, token);
    const last = words.at(-1);
    if (last) last.text += token.tail.trim();
    return words;
  });
}

function shared(spoken: readonly string[], { startMs, endMs }: TimedToken): Word[] {
  const weights = spoken.map((text) => Math.max(0.3, spokenWeight(text)));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return spoken.map((text, index) => {
    const from = startMs + ((endMs - startMs) * before) / whole;
    before += weights[index] ?? 0;
    return { text, startMs: from, endMs: startMs + ((endMs - startMs) * before) / whole };
  });
}

const DIGITS = [...'零一二三四五六七八九'];

function spokenInChinese(text: string, next: string | undefined): string[] {
  const number = /^[¥$€]?(\d[\d,]*)(?:\.(\d+))?(%?)$/.exec(text);
  if (!number) return [text];
  const [, whole = '0', fraction, percent] = number;
  const digits = whole.replaceAll(',', '');
  const isYear = next === '年' && digits.length === 4;
  const said = isYear || digits.length > 8 ? [...digits].map(digitName) : [...cardinal(Number(digits))];
  const point = fraction ? ['点', ...[...fraction].map(digitName)] : [];
  return [...(percent ? ['百', '分', '之'] : []), ...said, ...point];
}

function digitName(digit: string): string {
  return DIGITS[Number(digit)] ?? digit;
}

/** 1999 → 一千九百九十九; up to eight digits. */
function cardinal(value: number): string {
  if (value >= 10_000) {
    const rest = value % 10_000;
    const gap = rest > 0 && rest < 1_000 ? '零' : '';
    return `${cardinal(Math.floor(value / 10_000))}万${rest === 0 ? '' : gap + cardinal(rest)}`;
  }
  if (value === 0) return '零';
  const units = ['千', '百', '十', ''];
  const said = [...String(value).padStart(4, '0')].map((digit, index) =>
    digit === '0' ? '零' : digitName(digit) + units[index],
  );
  const joined = said
    .join('')
    .replace(/零+/g, '零')
    .replace(/^零|零$/g, '');
  return joined.replace(/^一十/, '十');
}
