import { frameOfUs } from '../timeline/frames.ts';
import { columnsPerLine } from '../timeline/caption-text.ts';
import type { CaptionSegment, Timeline } from '../timeline/timeline.ts';

export const FONT_FAMILY = 'Noto Sans SC';
/** libass sizes by the font's ascent plus descent; one em of this font is that divided by 1.448. */
const FONT_HEIGHT = 1.448;
/** Share of the width that captions may take. */
const TEXT_WIDTH = 0.86;
/** Share of the height: portrait players lay their buttons over the lowest part. */
const BOTTOM = { portrait: 0.18, other: 0.07 };
const MAX_EM = 0.058;
const TITLE_WIDTH = 0.84;

type Captioned = Pick<Timeline, 'canvas' | 'fps' | 'tracks'>;

/** The captions as ASS in film time; with `frames`, only those that touch that span. */
export function assOf(timeline: Captioned, frames?: { start: number; end: number }): string {
  const { canvas, fps, tracks } = timeline;
  const events = tracks.captions
    .filter((caption) => frames === undefined || touches(caption, { fps, ...frames }))
    .map((caption) => {
      const times = `${assTime(caption.startUs)},${assTime(caption.startUs + caption.durationUs)}`;
      return `Dialogue: 0,${times},Caption,,0,0,0,,${dialogueOf(caption)}`;
    });
  return [...header(canvas), styleOf(canvas), '', '[Events]', EVENT_FORMAT, ...events, ''].join('\n');
}

/** How a title card sets its text: in the upper half, so that captions below it stay free. */
export function titleCardLayout({ width, height }: Timeline['canvas']): { em: number; columns: number; lines: number } {
  const em = Math.round(Math.min(width * 0.085, height * 0.1));
  return {
    em,
    columns: 2 * Math.floor((width * TITLE_WIDTH) / em),
    lines: Math.min(5, Math.floor((height * 0.48) / (em * FONT_HEIGHT))),
  };
}

/** A title card's text as ASS, standing for as long as anyone looks. */
export function titleCardAss(lines: readonly string[], canvas: Timeline['canvas']): string {
  const { em } = titleCardLayout(canvas);
  const colours = '&H00FFFFFF,&H00FFFFFF,&H60000000,&H80000000';
  const style = `Style: Title,${FONT_FAMILY},${Math.round(em * FONT_HEIGHT)},${colours},-1,0,0,0,100,100,0,0,1,${px(em, 0.04)},${px(em, 0.05)},5,0,0,0,-1`;
  const place = `{\\pos(${canvas.width / 2},${Math.round(canvas.height * 0.4)})\\blur1}`;
  const event = `Dialogue: 0,0:00:00.00,9:00:00.00,Title,,0,0,0,,${place}${lines.map(escapeAss).join('\\N')}`;
  return [...header(canvas), style, '', '[Events]', EVENT_FORMAT, event, ''].join('\n');
}

/** SubRip, for players and for people. */
export function srtOf(captions: readonly CaptionSegment[]): string {
  return captions
    .map(({ startUs, durationUs, lines }, index) => {
      const times = `${srtTime(startUs)} --> ${srtTime(startUs + durationUs)}`;
      return `${index + 1}\n${times}\n${lines.map(stripControls).join('\n')}\n`;
    })
    .join('\n');
}

const EVENT_FORMAT = 'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text';

function header({ width, height }: Timeline['canvas']): string[] {
  return [
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
}

/** Size and place of captions, in pixels: one em, the height of a line, and what lies below the lowest line. */
export function captionLayout(canvas: Timeline['canvas']): { em: number; lineHeight: number; bottom: number } {
  const em = Math.min((canvas.width * TEXT_WIDTH * 2) / columnsPerLine(canvas), canvas.height * MAX_EM);
  const portrait = canvas.height > canvas.width;
  const bottom = Math.round(canvas.height * (portrait ? BOTTOM.portrait : BOTTOM.other));
  return { em, lineHeight: em * FONT_HEIGHT, bottom };
}

/** White text, spoken words in warm yellow, dark outline and a soft shadow. */
function styleOf(canvas: Timeline['canvas']): string {
  const { em, lineHeight, bottom } = captionLayout(canvas);
  const side = Math.round(canvas.width * 0.04);
  const colours = '&H004CD4FF,&H00FFFFFF,&H00201A18,&H78000000';
  return `Style: Caption,${FONT_FAMILY},${Math.round(lineHeight)},${colours},-1,0,0,0,100,100,0,0,1,${px(em, 0.065)},${px(em, 0.04)},2,${side},${side},${bottom},-1`;
}

const px = (em: number, share: number): string => (em * share).toFixed(1);

function dialogueOf(caption: CaptionSegment): string {
  const soft = '{\\blur0.8}';
  // Line mode has nothing to sweep: all of it in the colour of words not yet spoken.
  if (caption.words === null) return `{\\blur0.8\\1c&HFFFFFF&}${caption.lines.map(escapeAss).join('\\N')}`;
  return soft + karaokeOf(caption.lines, { words: caption.words, startUs: caption.startUs });
}

/** Boundaries are rounded, not lengths, so that errors do not add up; a rest is an empty token. */
function karaokeOf(
  lines: readonly string[],
  { words, startUs }: { words: NonNullable<CaptionSegment['words']>; startUs: number },
): string {
  const centi = (us: number): number => Math.round((us - startUs) / 10_000);
  let at = 0;
  let line = 0;
  let inLine = 0;
  let text = '';
  for (const word of words) {
    if (inLine >= lines[line]!.length && line + 1 < lines.length) {
      text += '\\N';
      line += 1;
      inLine = 0;
    }
    if (centi(word.startUs) > at) text += `{\\k${centi(word.startUs) - at}}`;
    text += `{\\kf${centi(word.endUs) - centi(word.startUs)}}${escapeAss(word.text)}`;
    at = centi(word.endUs);
    inLine += word.text.length;
  }
  return text;
}

/**
 * Text that shows as itself: braces would start commands, a backslash would join with the letter after it (a word
 * joiner between them is invisible).
 */
export function escapeAss(text: string): string {
  return stripControls(text).replace(/[\\{}]/g, (character) => (character === '\\' ? '\\\u2060' : `\\${character}`));
}

const stripControls = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

const touches = (caption: CaptionSegment, { fps, start, end }: { fps: number; start: number; end: number }): boolean =>
  frameOfUs(caption.startUs, fps) < end && frameOfUs(caption.startUs + caption.durationUs, fps) > start;

/** Rounded down: a frame is shown at its time or later, never before. */
function assTime(us: number): string {
  const centi = Math.floor(us / 10_000);
  const [hours, minutes, seconds] = [
    Math.floor(centi / 360_000),
    Math.floor(centi / 6_000) % 60,
    Math.floor(centi / 100) % 60,
  ];
  return `${hours}:${two(minutes)}:${two(seconds)}.${two(centi % 100)}`;
}

function srtTime(us: number): string {
  const ms = Math.round(us / 1_000);
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1_000) % 60,
  ];
  return `${two(hours)}:${two(minutes)}:${two(seconds)},${String(ms % 1_000).padStart(3, '0')}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
