import { titleLayout } from '../timeline/titles.ts';
import type { Timeline, TitleSegment } from '../timeline/timeline.ts';
import { dialogue, drawnText, softEdge, type Style } from './ass.ts';

/** In and out, in milliseconds. */
const FADE = 220;
/** One of its own: within a layer libass moves texts apart, and would move the label. */
const LAYER = 2;

interface Titled {
  canvas: Timeline['canvas'];
  /** All of the film's: a title keeps clear of each that it meets. */
  labels: Timeline['tracks']['labels'];
}

/** A scene's few words as ASS: large and white on a dark outline, in the upper third of the picture. `mark` is put before each line. */
export function titleEvents(titles: readonly TitleSegment[], { mark, ...film }: Titled & { mark: string }): string[] {
  const styles = titleStyles(titles, film);
  return titles.map(({ startUs, durationUs, lines }, index) => {
    const { name, em } = styles[index]!;
    const drawn = lines.map((line) => mark + drawnText(line, em)).join('\\N');
    // The lines are broken already: never again (\q2).
    const text = `{\\q2\\fad(${FADE},${FADE})${softEdge(em)}}${drawn}`;
    return dialogue({ style: name, startUs, endUs: startUs + durationUs, text, layer: LAYER });
  });
}

/** One style for each: long ones are smaller. */
export function titleStyles(titles: readonly TitleSegment[], { canvas, labels }: Titled): Style[] {
  return titles.map((title, index) => {
    const { em, top } = titleLayout(title, { canvas, labels });
    return {
      name: `Title${index + 1}`,
      em,
      colours: '&H00FFFFFF,&H00FFFFFF,&H00201A18,&H60000000',
      outline: 0.08,
      shadow: 0.05,
      alignment: 8,
      margins: { left: 0, right: 0, vertical: top },
    };
  });
}
