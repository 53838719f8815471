import { BASE_FONT, CAPITAL_HEIGHT } from '../render/fonts.ts';
import { captionLayout } from '../render/subtitles.ts';
import { titleCardLayout, titleCardLines } from '../render/title-card.ts';
import { widthOf } from '../timeline/caption-text.ts';
import { framePlan } from '../timeline/frame-plan.ts';
import { safeMargins } from '../timeline/safe-area.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { titleLayout } from '../timeline/titles.ts';
import type { Layer, Material } from './format.ts';
import type { IdOf } from './ids.ts';
import { motionOf } from './motion.ts';
import { clipOf, segmentOf, trackOf } from './segment.ts';
import { textOf } from './text-material.ts';

/** The film's outlines, in em. */
const CAPTION_OUTLINE = 0.075;
const TITLE_OUTLINE = 0.04;
const LABEL_OUTLINE = 0.07;
const SCREEN_TEXT_OUTLINE = 0.07;
/** A card's text stands here, as a share of the height from the top. */
const TITLE_MIDDLE = 0.4;

/** Each caption as a text of its own, at the place and in about the size that it has in the film. */
export function captionLayer({ canvas, tracks }: Timeline, { idOf }: { idOf: IdOf }): Layer {
  const { em, lineHeight, bottom } = captionLayout(canvas);
  const texts: Material[] = [];
  const segments = tracks.captions.map(({ startUs, durationUs, lines }, index) => {
    const look = { em, outlineEm: CAPTION_OUTLINE, isCaption: true };
    const text = textOf(lines.join('\n'), { id: idOf('text', 'caption', index), look, canvas });
    texts.push(text);
    return segmentOf({
      id: idOf('segment', 'caption', index),
      materialId: text.id,
      target: { start: startUs, duration: durationUs },
      source: null,
      refs: [],
      clip: clipOf({ scale: 1, x: 0, y: fromTop(canvas.height - bottom - (lines.length * lineHeight) / 2, canvas) }),
    });
  });
  return { track: trackOf('text', { name: 'captions', segments, idOf }), materials: { texts } };
}

/** The texts of title cards, apart from their backgrounds so that they can be edited, and moving with them. */
export function titleLayer(timeline: Timeline, { idOf }: { idOf: IdOf }): Layer {
  const { canvas, fps, tracks } = timeline;
  const plan = framePlan(timeline);
  const texts: Material[] = [];
  const segments = tracks.pictures.flatMap((picture, index) => {
    if (picture.source.kind !== 'title_card') return [];
    const look = { em: titleCardLayout(canvas).em, outlineEm: TITLE_OUTLINE, isCaption: false };
    const lines = titleCardLines(picture.source.text, timeline);
    const text = textOf(lines.join('\n'), { id: idOf('text', 'title', index), look, canvas });
    texts.push(text);
    const { first, keyframes } = motionOf({
      span: picture,
      frames: plan[index]!,
      motion: picture.motion,
      base: { scale: 1, x: 0, y: fromTop(canvas.height * TITLE_MIDDLE, canvas) },
      canvas,
      fps,
      words: ['title', index],
      idOf,
    });
    return segmentOf({
      id: idOf('segment', 'title', index),
      materialId: text.id,
      target: { start: picture.startUs, duration: picture.durationUs },
      source: null,
      refs: [],
      clip: clipOf(first),
      keyframes,
    });
  });
  return { track: trackOf('text', { name: 'titles', segments, idOf }), materials: { texts } };
}

/** The scenes' few words, large over their pictures, at the film's place. `titles` is what the cards' texts are called here. */
export function screenTextLayer({ canvas, tracks }: Timeline, { idOf }: { idOf: IdOf }): Layer {
  const texts: Material[] = [];
  const segments = tracks.titles.map((title, index) => {
    const { startUs, durationUs, lines } = title;
    const { em, lineHeight, top } = titleLayout(title, { canvas, labels: tracks.labels });
    const look = { em, outlineEm: SCREEN_TEXT_OUTLINE, isCaption: false };
    const text = textOf(lines.join('\n'), { id: idOf('text', 'screen_text', index), look, canvas });
    texts.push(text);
    return segmentOf({
      id: idOf('segment', 'screen_text', index),
      materialId: text.id,
      target: { start: startUs, duration: durationUs },
      source: null,
      refs: [],
      clip: clipOf({ scale: 1, x: 0, y: fromTop(top + (lines.length * lineHeight) / 2, canvas) }),
    });
  });
  return { track: trackOf('text', { name: 'screen_texts', segments, idOf }), materials: { texts } };
}

/** The AI label in its corner of the safe area. Its width is estimated, as the place of a text is its middle. */
export function labelLayer({ canvas, tracks }: Timeline, { idOf }: { idOf: IdOf }): Layer {
  const { left, right, top } = safeMargins(canvas);
  const texts: Material[] = [];
  const segments = tracks.labels.map(({ startUs, durationUs, text: words, position, textHeight }, index) => {
    const em = (textHeight * Math.min(canvas.width, canvas.height)) / CAPITAL_HEIGHT;
    const look = { em, outlineEm: LABEL_OUTLINE, isCaption: false };
    const text = textOf(words, { id: idOf('text', 'label', index), look, canvas });
    texts.push(text);
    // A column is half an em.
    const half = (widthOf(words) * em) / 4;
    const middle = position === 'top_left' ? canvas.width * left + half : canvas.width * (1 - right) - half;
    const y = fromTop(canvas.height * top + (em * BASE_FONT.height) / 2, canvas);
    return segmentOf({
      id: idOf('segment', 'label', index),
      materialId: text.id,
      target: { start: startUs, duration: durationUs },
      source: null,
      refs: [],
      clip: clipOf({ scale: 1, x: Math.round(((2 * middle) / canvas.width - 1) * 1e4) / 1e4, y }),
    });
  });
  return { track: trackOf('text', { name: 'labels', segments, idOf }), materials: { texts } };
}

/** A place counted in pixels from the top, in half canvases from the middle. */
const fromTop = (px: number, { height }: Timeline['canvas']): number => Math.round((1 - (2 * px) / height) * 1e4) / 1e4;
