import { BASE_FONT, CAPITAL_HEIGHT } from '../render/fonts.ts';
import { captionLayout } from '../render/subtitles.ts';
import { titleCardLayout, titleCardLines } from '../render/title-card.ts';
import { widthOf } from '../timeline/caption-text.ts';
import { framePlan } from '../timeline/frame-plan.ts';
import { safeMargins } from '../timeline/safe-area.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { titleLayout } from '../timeline/titles.ts';
import { motionOf } from './motion.ts';
import type { TextTrack } from './text-layer.ts';

/** The film's outlines, in em. */
const CAPTION_OUTLINE = 0.075;
const TITLE_OUTLINE = 0.04;
const LABEL_OUTLINE = 0.07;
const SCREEN_TEXT_OUTLINE = 0.07;
/** A card's text stands here, as a share of the height from the top. */
const TITLE_MIDDLE = 0.4;

/** All the texts, from the back to the front. */
export const textTracks = (timeline: Timeline): TextTrack[] =>
  [titleTrack, screenTextTrack, captionTrack, labelTrack].map((trackOf) => trackOf(timeline));

/** Each caption as a text of its own, at the place and in about the size that it has in the film. */
function captionTrack({ canvas, tracks }: Timeline): TextTrack {
  const { em, lineHeight, bottom } = captionLayout(canvas);
  const look = { em, outlineEm: CAPTION_OUTLINE, isCaption: true };
  const captions = tracks.captions.map(({ lines, ...span }) => {
    const middle = canvas.height - bottom - (lines.length * lineHeight) / 2;
    return { text: lines.join('\n'), look, span, place: { scale: 1, x: 0, y: fromTop(middle, canvas) } };
  });
  return { name: 'captions', kind: 'caption', texts: captions };
}

/** The texts of title cards, apart from their backgrounds so that they can be edited, and moving with them. */
function titleTrack(timeline: Timeline): TextTrack {
  const { canvas, fps, tracks } = timeline;
  const plan = framePlan(timeline);
  const look = { em: titleCardLayout(canvas).em, outlineEm: TITLE_OUTLINE, isCaption: false };
  const base = { scale: 1, x: 0, y: fromTop(canvas.height * TITLE_MIDDLE, canvas) };
  const titles = tracks.pictures.map((picture, index) => {
    if (picture.source.kind !== 'title_card') return null;
    const { first, courses } = motionOf({
      ...{ span: picture, frames: plan[index]!, motion: picture.motion },
      ...{ base, canvas, fps },
    });
    const text = titleCardLines(picture.source.text, timeline).join('\n');
    return { text, look, span: picture, place: first, courses };
  });
  return { name: 'titles', kind: 'title', texts: titles };
}

/** The scenes' few words, large over their pictures, at the film's place. `titles` is what the cards' texts are called here. */
function screenTextTrack({ canvas, tracks }: Timeline): TextTrack {
  const texts = tracks.titles.map((title) => {
    const { em, lineHeight, top } = titleLayout(title, { canvas, labels: tracks.labels });
    const middle = top + (title.lines.length * lineHeight) / 2;
    return {
      text: title.lines.join('\n'),
      look: { em, outlineEm: SCREEN_TEXT_OUTLINE, isCaption: false },
      span: title,
      place: { scale: 1, x: 0, y: fromTop(middle, canvas) },
    };
  });
  return { name: 'screen_texts', kind: 'screen_text', texts: texts };
}

/** The AI label in its corner of the safe area. Its width is estimated, as the place of a text is its middle. */
function labelTrack({ canvas, tracks }: Timeline): TextTrack {
  const { left, right, top } = safeMargins(canvas);
  const labels = tracks.labels.map(({ text, position, textHeight, ...span }) => {
    const em = (textHeight * Math.min(canvas.width, canvas.height)) / CAPITAL_HEIGHT;
    // A column is half an em.
    const half = (widthOf(text) * em) / 4;
    const middle = position === 'top_left' ? canvas.width * left + half : canvas.width * (1 - right) - half;
    const x = Math.round(((2 * middle) / canvas.width - 1) * 1e4) / 1e4;
    const y = fromTop(canvas.height * top + (em * BASE_FONT.height) / 2, canvas);
    return { text, look: { em, outlineEm: LABEL_OUTLINE, isCaption: false }, span, place: { scale: 1, x, y } };
  });
  return { name: 'labels', kind: 'label', texts: labels };
}

/** A place counted in pixels from the top, in half canvases from the middle. */
const fromTop = (px: number, { height }: Timeline['canvas']): number => Math.round((1 - (2 * px) / height) * 1e4) / 1e4;
