import type { Canvas } from '../domain/canvas.ts';
import { cleanText, layOutCaptions, widthOf } from './caption-text.ts';
import { framePlan } from './frame-plan.ts';
import { usOfFrame } from './frames.ts';
import { safeMargins } from './safe-area.ts';
import type { LabelSegment, Timeline, TitleSegment } from './timeline.ts';

/** Seconds: a title comes a moment after its picture stands alone; one that would only flash is left out. */
const TIMES = { lead: 0.2, longest: 3, least: 0.8 };
/** The largest em: shares of the canvas's width and height. */
const LARGEST = { ofWidth: 0.1, ofHeight: 0.09 };
/** Share of the safe width that titles may take: the outline and the widest letters need some. */
const TEXT_WIDTH = 0.96;
/** A line of the film's fonts in em, and how much of the lowest line's foot stays empty. */
const LINE = { height: 1.448, tall: 2.17, foot: 0.25 };
const TALL = /[\p{Script=Arabic}\p{Script=Devanagari}]/u;
/** A label's line, by the height of its capital letters. */
const LABEL_LINE = 2;
/** Titles end at this share of the height. */
const LOWEST = 1 / 3;
/** Two lines are worth it only when one would be this much smaller. */
const ONE_LINE = 0.85;
/** Narrower lines hold not even every single character. */
const LEAST_COLUMNS = 4;

interface Screen {
  canvas: Canvas;
  labels: readonly LabelSegment[];
}
type Span = Pick<TitleSegment, 'startUs' | 'durationUs'>;

/** Each scene's few words over its own picture, where it stands alone; a title card is its own text. */
export function layTitles(
  texts: readonly (string | null)[],
  timeline: Pick<Timeline, 'canvas' | 'fps' | 'language'> & { tracks: Pick<Timeline['tracks'], 'pictures' | 'labels'> },
): TitleSegment[] {
  const { canvas, fps, language, tracks } = timeline;
  return framePlan({ fps, tracks }).flatMap(({ body }, index) => {
    const { sceneId, source } = tracks.pictures[index]!;
    const text = cleanText(texts[index] ?? '');
    const start = body.start + Math.round(TIMES.lead * fps);
    const end = Math.min(body.end, start + TIMES.longest * fps);
    if (text === '' || source.kind === 'title_card' || end - start < TIMES.least * fps) return [];
    const startUs = usOfFrame(start, fps);
    const span = { startUs, durationUs: usOfFrame(end, fps) - startUs };
    return { sceneId, ...span, lines: linesOf(text, { language, span, canvas, labels: tracks.labels }) };
  });
}

/** Size and place in pixels: one em, the height of a line, and what lies above the first line. */
export function titleLayout(
  { lines, ...span }: Span & { lines: readonly string[] },
  { canvas, labels }: Screen,
): { em: number; lineHeight: number; top: number } {
  const { width, height } = canvas;
  const { left, right, top: margin } = safeMargins(canvas);
  const label = Math.max(0, ...labels.filter((each) => meet(each, span)).map(({ textHeight }) => textHeight));
  const top = Math.round(height * margin + label * LABEL_LINE * Math.min(width, height));
  const columns = Math.max(1, ...lines.map(widthOf));
  const line = lines.some((each) => TALL.test(each)) ? LINE.tall : LINE.height;
  const em = Math.min(
    width * LARGEST.ofWidth,
    height * LARGEST.ofHeight,
    (width * (1 - left - right) * TEXT_WIDTH * 2) / columns,
    (height * LOWEST - top) / (lines.length * line - LINE.foot),
  );
  return { em, lineHeight: em * line, top };
}

/** One line, or the most even two when they can be drawn clearly larger. */
function linesOf(text: string, { language, span, ...screen }: Screen & { language: string; span: Span }): string[] {
  const em = (lines: readonly string[]): number => titleLayout({ ...span, lines }, screen).em;
  const total = Math.ceil(widthOf(text));
  for (let columns = Math.max(LEAST_COLUMNS, Math.ceil(total / 2)); columns < total; columns++) {
    const [piece, ...rest] = layOutCaptions(text, { language, columns });
    if (piece === undefined || rest.length > 0) continue;
    const lines = piece.lines.map((line) => line.map((token) => token.text).join(''));
    return em([text]) >= em(lines) * ONE_LINE ? [text] : lines;
  }
  return [text];
}

const meet = (one: Span, other: Span): boolean =>
  one.startUs < other.startUs + other.durationUs && other.startUs < one.startUs + one.durationUs;
