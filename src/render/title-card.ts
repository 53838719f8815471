import type { Canvas } from '../domain/canvas.ts';
import { cleanText, layOutCaptions } from '../timeline/caption-text.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { assScript, dialogue, drawnText, softEdge } from './ass.ts';
import { BASE_FONT } from './fonts.ts';
import { contentKey } from './work-files.ts';

/** Deep colours on which white text stands out, as RRGGBB; a card takes one pair by its text. */
const COLOURS = [
  ['16324f', '2a6f97'],
  ['3d1e4f', '7b2d5b'],
  ['12372a', '43715b'],
  ['402218', '9a5b34'],
] as const;
const TITLE_WIDTH = 0.84;
/** Standing for as long as anyone looks. */
const ALWAYS = { startUs: 0, endUs: 9 * 3_600_000_000 };

/** A card's gradient: `from` at the top left corner, `to` at the middle of the lower edge. */
export function titleCardColours(text: string): { from: string; to: string } {
  const [from, to] = COLOURS[parseInt(contentKey(text).slice(0, 4), 16) % COLOURS.length]!;
  return { from, to };
}

/** How a title card sets its text: in the upper half, so that captions below it stay free. */
export function titleCardLayout({ width, height }: Canvas): { em: number; columns: number; lines: number } {
  const em = Math.round(Math.min(width * 0.085, height * 0.1));
  return {
    em,
    columns: 2 * Math.floor((width * TITLE_WIDTH) / em),
    lines: Math.min(5, Math.floor((height * 0.48) / (em * BASE_FONT.height))),
  };
}

/** The first lines of a text, as a card shows them. */
export function titleCardLines(text: string, { canvas, language }: Pick<Timeline, 'canvas' | 'language'>): string[] {
  const { columns, lines: most } = titleCardLayout(canvas);
  return titleLines(text, { language, columns, most });
}

/** The first lines of a text; what is left over is told by an ellipsis. */
export function titleLines(
  text: string,
  { language, columns, most }: { language: string; columns: number; most: number },
): string[] {
  const pieces = layOutCaptions(cleanText(text), { language, columns });
  const lines = pieces.flatMap((piece) => piece.lines.map((line) => line.map((token) => token.text).join('')));
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `${lines[most - 1]!.replace(/[\p{P}\s]+$/u, '')}…`];
}

/** A card's text as ASS. */
export function titleCardAss(text: string, timeline: Pick<Timeline, 'canvas' | 'language'>): string {
  const { canvas } = timeline;
  const { em } = titleCardLayout(canvas);
  const style = {
    ...{ name: 'Title', em, colours: '&H00FFFFFF,&H00FFFFFF,&H60000000,&H80000000', outline: 0.04, shadow: 0.05 },
    ...{ alignment: 5, margins: { left: 0, right: 0, vertical: 0 } },
  };
  const place = `{\\pos(${canvas.width / 2},${Math.round(canvas.height * 0.4)})${softEdge(em)}}`;
  const drawn = titleCardLines(text, timeline).map((line) => drawnText(line, em));
  return assScript(canvas, [style], [dialogue({ style: style.name, ...ALWAYS, text: place + drawn.join('\\N') })]);
}
