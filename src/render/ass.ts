import type { Canvas } from '../domain/canvas.ts';
import { BASE_FONT, fontRuns } from './fonts.ts';

/** What all our ASS scripts share: header, styles, times, and text that shows as itself. */

export const EVENT_FORMAT = 'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text';

export interface Style {
  name: string;
  /** Pixels of one em of the base font. */
  em: number;
  /** Primary, secondary, outline and back colour as `&HAABBGGRR`. */
  colours: string;
  /** Shares of an em. */
  outline: number;
  shadow: number;
  /** As on a number pad: 2 is the middle below, 7 the upper left. */
  alignment: number;
  margins: { left: number; right: number; vertical: number };
}

/** A whole script for a canvas of this size. */
export function assScript({ width, height }: Canvas, styles: readonly Style[], events: readonly string[]): string {
  const header = [
    '[Script Info]',
    'ScriptType: v4.00+',
    `PlayResX: ${width}`,
    `PlayResY: ${height}`,
    'WrapStyle: 0',
    'ScaledBorderAndShadow: yes',
    'YCbCr Matrix: TV.709',
    '',
    '[V4+ Styles]',
    'Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding',
  ];
  return [...header, ...styles.map(styleLine), '', '[Events]', EVENT_FORMAT, ...events, ''].join('\n');
}

/** The last field, -1, lets libass find the direction of each line from its letters. */
function styleLine({ name, em, colours, outline, shadow, alignment, margins }: Style): string {
  const px = (share: number): string => (em * share).toFixed(1);
  const place = `${alignment},${margins.left},${margins.right},${margins.vertical}`;
  return `Style: ${name},${BASE_FONT.family},${Math.round(em * BASE_FONT.height)},${colours},-1,0,0,0,100,100,0,0,1,${px(outline)},${px(shadow)},${place},-1`;
}

export interface AssEvent {
  style: string;
  startUs: number;
  endUs: number;
  text: string;
  layer?: number;
}

export const dialogue = ({ style, startUs, endUs, text, layer = 0 }: AssEvent): string =>
  `Dialogue: ${layer},${assTime(startUs)},${assTime(endUs)},${style},,0,0,0,,${text}`;

/** Takes the hardness off an outline, by the text's size: small text would only get grey. */
export const softEdge = (em: number): string => `\\blur${(em * 0.0125).toFixed(2)}`;

/** Text in the fonts that have its letters. `em` is its style's: other fonts are set to the same em. */
export function drawnText(text: string, em: number): string {
  return fontRuns(text)
    .map(({ font, text: run }) =>
      font === BASE_FONT
        ? escapeAss(run)
        : `{\\fn${font.family}\\fs${Math.round(em * font.height)}}${escapeAss(run)}{\\fn\\fs}`,
    )
    .join('');
}

/**
 * Text that shows as itself: braces would start commands, a backslash would join with the letter after it (a word
 * joiner between them is invisible).
 */
export function escapeAss(text: string): string {
  return stripControls(text).replace(/[\\{}]/g, (character) => (character === '\\' ? '\\\u2060' : `\\${character}`));
}

export const stripControls = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

/** Rounded down: a frame is shown at its time or later, never before. */
export function assTime(us: number): string {
  const centi = Math.floor(us / 10_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [
    Math.floor(centi / 360_000),
    Math.floor(centi / 6_000) % 60,
    Math.floor(centi / 100) % 60,
  ];
  return `${hours}:${two(minutes)}:${two(seconds)}.${two(centi % 100)}`;
}
