import type { Canvas } from '../domain/canvas.ts';
import { safeMargins } from '../timeline/safe-area.ts';
import type { LabelSegment } from '../timeline/timeline.ts';
import { dialogue, drawnText, softEdge, type Style } from './ass.ts';
import { CAPITAL_HEIGHT } from './fonts.ts';

/** Labels of the AI label track as ASS: white on a dark outline, in a corner inside the safe margins. */
export function labelEvents(labels: readonly LabelSegment[], canvas: Canvas): string[] {
  const styles = labelStyles(labels, canvas);
  return labels.map(({ startUs, durationUs, text }, index) => {
    const { name, em } = styles[index]!;
    const drawn = `{${softEdge(em)}}${drawnText(text, em)}`;
    return dialogue({ style: name, startUs, endUs: startUs + durationUs, text: drawn, layer: 1 });
  });
}

/** One style for each: their heights may differ. */
export function labelStyles(labels: readonly LabelSegment[], canvas: Canvas): Style[] {
  const { left, right, top } = safeMargins(canvas);
  return labels.map(({ position, textHeight }, index) => ({
    name: `Label${index + 1}`,
    em: (textHeight * Math.min(canvas.width, canvas.height)) / CAPITAL_HEIGHT,
    colours: '&H00FFFFFF,&H00FFFFFF,&H30201A18,&H78000000',
    outline: 0.07,
    shadow: 0.04,
    alignment: position === 'top_left' ? 7 : 9,
    margins: {
      left: Math.round(canvas.width * left),
      right: Math.round(canvas.width * right),
      vertical: Math.round(canvas.height * top),
    },
  }));
}
