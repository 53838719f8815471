import { cleanText, layOutCaptions } from '../timeline/caption-text.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { titleCardLayout } from './subtitles.ts';
import { contentKey } from './work-files.ts';

/** Deep colours on which white text stands out, as RRGGBB; a card takes one pair by its text. */
const COLOURS = [
  ['16324f', '2a6f97'],
  ['3d1e4f', '7b2d5b'],
  ['12372a', '43715b'],
  ['402218', '9a5b34'],
] as const;

/** A card's gradient: `from` at the top left corner, `to` at the middle of the lower edge. */
export function titleCardColours(text: string): { from: string; to: string } {
  const [from, to] = COLOURS[parseInt(contentKey(text).slice(0, 4), 16) % COLOURS.length]!;
  return { from, to };
}

/** The first lines of a text, as a card shows them. */
export function titleCardLines(text: string, { canvas, language }: Pick<Timeline, 'canvas' | 'language'>): string[] {
  const { columns, lines: most } = titleCardLayout(canvas);
  const pieces = layOutCaptions(cleanText(text), { language, columns });
  const lines = pieces.flatMap((piece) => piece.lines.map((line) => line.map((token) => token.text).join('')));
  return lines.length > most
    ? [...lines.slice(0, most - 1), `${lines[most - 1]!.replace(/[\p{P}\s]+$/u, '')}…`]
    : lines;
}
