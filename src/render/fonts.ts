import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PermanentError } from '../domain/errors.ts';

/**
 * The fonts films are drawn with: Noto (and Nanum Gothic for Hangul), bold, all under the SIL Open Font License 1.1, from npm.
 * libass looks for a missing glyph only among the system's fonts, never in `fontsdir`; therefore each run of text names its font.
 */
export interface Font {
  family: string;
  /** Inside node_modules. */
  file: string;
  /** libass sizes by the font's ascent plus descent (OS/2 win metrics): this many ems. */
  height: number;
  /** Which characters (graphemes) are its own; null for the base font, which has Han, kana, Latin, Greek, Cyrillic. */
  draws: RegExp | null;
}

const PACKAGES = '@expo-google-fonts';

export const BASE_FONT: Font = {
  family: 'Noto Sans SC',
  file: `${PACKAGES}/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf`,
  height: 1.448,
  draws: null,
};
/** Height of the base font's capital letters in ems. */
export const CAPITAL_HEIGHT = 0.733;

export const EMOJI_FONT: Font = {
  family: 'Noto Emoji',
  file: `${PACKAGES}/noto-emoji/700Bold/NotoEmoji_700Bold.ttf`,
  // A little smaller than its own 1.172, so that an emoji is as wide as a Han character.
  height: 1.02,
  // Emoji by default, by a variation selector, as a flag or a keycap; ©, ™ and their like stay text.
  draws:
    /\p{Emoji_Presentation}|\p{Regional_Indicator}|\u20e3|\ufe0f|(?![©®™‼⁉ℹ〰〽㊗㊙])(?=\p{Emoji})\p{Extended_Pictographic}/u,
};

const SCRIPT_FONTS: readonly Font[] = [
  {
    family: 'Noto Sans Arabic',
    file: `${PACKAGES}/noto-sans-arabic/700Bold/NotoSansArabic_700Bold.ttf`,
    height: 2.169,
    draws: /\p{Script_Extensions=Arabic}/u,
  },
  {
    family: 'Noto Sans Hebrew',
    file: `${PACKAGES}/noto-sans-hebrew/700Bold/NotoSansHebrew_700Bold.ttf`,
    height: 1.36,
    draws: /\p{Script=Hebrew}/u,
  },
  {
    family: 'NanumGothic',
    file: `${PACKAGES}/nanum-gothic/700Bold/NanumGothic_700Bold.ttf`,
    height: 1.083,
    draws: /\p{Script=Hangul}/u,
  },
  {
    family: 'Noto Sans Thai',
    file: `${PACKAGES}/noto-sans-thai/700Bold/NotoSansThai_700Bold.ttf`,
    height: 1.511,
    draws: /\p{Script=Thai}/u,
  },
  {
    family: 'Noto Sans Devanagari',
    file: `${PACKAGES}/noto-sans-devanagari/700Bold/NotoSansDevanagari_700Bold.ttf`,
    height: 1.906,
    draws: /\p{Script=Devanagari}/u,
  },
];

export interface FontRun {
  font: Font;
  text: string;
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Cuts a text where its font changes. Blanks stay with what is before them, so that words of one script are one run. */
export function fontRuns(text: string): FontRun[] {
  const runs: FontRun[] = [];
  for (const { segment } of graphemes.segment(text)) {
    const run = runs.at(-1);
    const font = /^\s/u.test(segment) && run !== undefined && run.font !== EMOJI_FONT ? run.font : fontOf(segment);
    if (run?.font === font) run.text += segment;
    else runs.push({ font, text: segment });
  }
  return runs;
}

const fontOf = (grapheme: string): Font =>
  [EMOJI_FONT, ...SCRIPT_FONTS].find(({ draws }) => draws?.test(grapheme) === true) ?? BASE_FONT;

/** The base font and whatever else the texts need. */
export const fontsFor = (texts: readonly string[]): Font[] => [
  ...new Set([BASE_FONT, ...texts.flatMap((text) => fontRuns(text).map(({ font }) => font))]),
];

export const fontPath = ({ file }: Font): string => createRequire(import.meta.url).resolve(file);

/** @throws PermanentError font_missing, naming the first that is not there. */
export function checkFonts(fonts: readonly Font[] = [BASE_FONT, EMOJI_FONT, ...SCRIPT_FONTS]): void {
  const missing = fonts.find((font) => !isThere(font));
  if (missing === undefined) return;
  throw new PermanentError('font_missing', `The font ${missing.family} (${missing.file}) is missing: run npm ci.`);
}

function isThere(font: Font): boolean {
  try {
    return existsSync(fontPath(font));
  } catch {
    return false; // its package is not installed
  }
}
