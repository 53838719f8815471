import type { Canvas } from '../domain/canvas.ts';
import { columnsPerLine } from '../timeline/caption-text.ts';
import { frameOfUs } from '../timeline/frames.ts';
import { safeMargins } from '../timeline/safe-area.ts';
import type { CaptionSegment, Timeline } from '../timeline/timeline.ts';
import { assScript, dialogue, drawnText, softEdge, stripControls, type Style } from './ass.ts';
import { BASE_FONT } from './fonts.ts';
import { labelEvents, labelStyles } from './label.ts';
import { titleEvents, titleStyles } from './title.ts';

export { titleCardLayout } from './title-card.ts';

/** Share of the safe width that captions may take: the outline and the widest letters need some. */
const TEXT_WIDTH = 0.98;
const MAX_EM = 0.058;
/** A sweep runs from left to right: words of these scripts light up at once instead. */
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Sets the direction of a line that begins with another script's word. It is invisible. */
const RIGHT_TO_LEFT_MARK = '\u200f';
const RIGHT_TO_LEFT_LANGUAGE = /^(ar|dv|fa|he|iw|ps|sd|ug|ur|yi)\b/i;

type Captioned = Pick<Timeline, 'canvas' | 'fps' | 'language'> & {
  tracks: Pick<Timeline['tracks'], 'captions' | 'labels' | 'titles'>;
};

interface Frames {
  start: number;
  end: number;
}

/** The captions as ASS in film time, for editors. */
export const assOf = (timeline: Captioned): string =>
  assScript(timeline.canvas, [captionStyle(timeline.canvas)], captionEvents(timeline));

/** All text over the picture in these frames, captions, titles and labels; null when there is none. */
export function overlayAss(timeline: Captioned, frames: Frames): string | null {
  const { canvas, fps, tracks } = timeline;
  const seen = <Item extends { startUs: number; durationUs: number }>(items: readonly Item[]): Item[] =>
    items.filter((item) => touches(item, { fps, ...frames }));
  const [captions, labels, titles] = [seen(tracks.captions), seen(tracks.labels), seen(tracks.titles)];
  const mark = directionMark(timeline.language);
  const events = [
    ...captionEvents({ ...timeline, tracks: { captions } }),
    ...titleEvents(titles, { canvas, labels: tracks.labels, mark }),
    ...labelEvents(labels, canvas),
  ];
  if (events.length === 0) return null;
  const styles = [...titleStyles(titles, { canvas, labels: tracks.labels }), ...labelStyles(labels, canvas)];
  return assScript(canvas, [captionStyle(canvas), ...styles], events);
}

const directionMark = (language: string): string => (RIGHT_TO_LEFT_LANGUAGE.test(language) ? RIGHT_TO_LEFT_MARK : '');

function captionEvents({
  canvas,
  language,
  tracks,
}: Pick<Timeline, 'canvas' | 'language'> & { tracks: Pick<Timeline['tracks'], 'captions'> }): string[] {
  const { em } = captionStyle(canvas);
  const mark = directionMark(language);
  return tracks.captions.map((caption) => {
    const { startUs, durationUs } = caption;
    return dialogue({
      style: 'Caption',
      startUs,
      endUs: startUs + durationUs,
      text: captionText(caption, { em, mark }),
    });
  });
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

/** Size and place of captions, in pixels: one em, the height of a line, and what lies below the lowest line. */
export function captionLayout(canvas: Canvas): { em: number; lineHeight: number; bottom: number } {
  const { left, right, bottom } = safeMargins(canvas);
  const width = canvas.width * (1 - left - right) * TEXT_WIDTH;
  const em = Math.min((width * 2) / columnsPerLine(canvas), canvas.height * MAX_EM);
  return { em, lineHeight: em * BASE_FONT.height, bottom: Math.round(canvas.height * bottom) };
}

/** White text, spoken words in warm yellow, dark outline and a soft shadow. */
function captionStyle(canvas: Canvas): Style {
  const { em, bottom } = captionLayout(canvas);
  const { left, right } = safeMargins(canvas);
  return {
    name: 'Caption',
    em,
    colours: '&H004CD4FF,&H00FFFFFF,&H00201A18,&H78000000',
    outline: 0.09,
    shadow: 0.04,
    alignment: 2,
    margins: { left: Math.round(canvas.width * left), right: Math.round(canvas.width * right), vertical: bottom },
  };
}

function captionText(caption: CaptionSegment, { em, mark }: { em: number; mark: string }): string {
  const soft = softEdge(em);
  // Line mode has nothing to sweep: all of it in the colour of words not yet spoken.
  if (caption.words === null) {
    const lines = caption.lines.map((line) => mark + drawnText(line, em));
    return `{${soft}\\1c&HFFFFFF&}${lines.join('\\N')}`;
  }
  return `{${soft}}${karaokeOf(caption.lines, { words: caption.words, startUs: caption.startUs, em, mark })}`;
}

interface Karaoke {
  words: NonNullable<CaptionSegment['words']>;
  startUs: number;
  em: number;
  mark: string;
}

/** Boundaries are rounded, not lengths, so that errors do not add up; a rest is an empty token. */
function karaokeOf(lines: readonly string[], { words, startUs, em, mark }: Karaoke): string {
  const centi = (us: number): number => Math.round((us - startUs) / 10_000);
  let at = 0;
  let line = 0;
  let inLine = 0;
  let text = mark;
  for (const word of words) {
    if (inLine >= lines[line]!.length && line + 1 < lines.length) {
      text += `\\N${mark}`;
      line += 1;
      inLine = 0;
    }
    if (centi(word.startUs) > at) text += `{\\k${centi(word.startUs) - at}}`;
    const effect = RIGHT_TO_LEFT.test(word.text) ? 'k' : 'kf';
    text += `{\\${effect}${centi(word.endUs) - centi(word.startUs)}}${drawnText(word.text, em)}`;
    at = centi(word.endUs);
    inLine += word.text.length;
  }
  return text;
}

const touches = (
  { startUs, durationUs }: { startUs: number; durationUs: number },
  { fps, start, end }: Frames & { fps: number },
): boolean => frameOfUs(startUs, fps) < end && frameOfUs(startUs + durationUs, fps) > start;

function srtTime(us: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = Math.round(us / 1_000);
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1_000) % 60,
  ];
  return `${two(hours)}:${two(minutes)}:${two(seconds)},${String(ms % 1_000).padStart(3, '0')}`;
}
