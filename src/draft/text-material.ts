import type { Timeline } from '../timeline/timeline.ts';
import type { Material } from './format.ts';

/** How a text looks; lengths in pixels of the film's raster. */
export interface TextLook {
  em: number;
  /** Outline on each side, in em. */
  outlineEm: number;
  /** Wraps by itself at the canvas' edge, and is listed with the captions. */
  isCaption: boolean;
}

const WHITE = [1, 1, 1];
/** The film's outline, #181A20. */
const OUTLINE = [0.094, 0.102, 0.125];
const BLACK = [0, 0, 0];
/** The apps' flags for what a text has: always 7, an outline 8, a shadow 32. */
const CHECK_FLAG = 7 | 8 | 32;
/** Wider than the film's lines, so that an app's font, which is not the film's, does not break them again. */
const LINE_MAX_WIDTH = 0.94;

/** A text as the apps keep it: its styles are JSON inside the JSON, their ranges count code points. */
export function textOf(
  text: string,
  { id, look, canvas }: { id: string; look: TextLook; canvas: Timeline['canvas'] },
): Material {
  const whole = wellFormed(text);
  const style = {
    range: [0, [...whole].length],
    size: fontSize(look.em, canvas),
    bold: true,
    italic: false,
    underline: false,
    fill: { alpha: 1, content: { render_type: 'solid', solid: { alpha: 1, color: WHITE } } },
    strokes: [{ content: { solid: { alpha: 1, color: OUTLINE } }, width: look.outlineEm }],
    shadows: [{ diffuse: 0.025, alpha: 0.5, distance: 5, angle: -45, content: { solid: { color: BLACK } } }],
  };
  return {
    id,
    type: look.isCaption ? 'subtitle' : 'text',
    content: JSON.stringify({ text: whole, styles: [style] }),
    alignment: 1,
    typesetting: 0,
    letter_spacing: 0,
    line_spacing: 0.02,
    line_feed: 1,
    line_max_width: LINE_MAX_WIDTH,
    force_apply_line_max_width: false,
    check_flag: CHECK_FLAG,
    global_alpha: 1,
  };
}

/** Size units are about a hundredth of the canvas' short side (wire/capcut.md 3.5: not measured in the apps). */
export const fontSize = (em: number, { width, height }: Timeline['canvas']): number =>
  Math.round((em / Math.min(width, height)) * 1000) / 10;

/** Half a character cannot be written as UTF-8, and strict readers refuse the file for it. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');
