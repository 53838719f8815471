import { frameOfUs, usOfFrame } from '../timeline/frames.ts';
import type { PictureFrames } from '../timeline/frame-plan.ts';
import type { Motion, Timeline } from '../timeline/timeline.ts';
import type { Keyframe, KeyframeProperty } from './format.ts';
import type { IdOf } from './ids.ts';
import { keyframesOf } from './segment.ts';

/** How large something is shown and where its centre lies, in half canvases from the middle, y up. */
export interface Placement {
  scale: number;
  x: number;
  y: number;
}

/** A keyframed course may leave the film's by this much. */
const TOLERANCE_PX = 0.5;

/**
 * Where the film's moving window puts something that lies on the picture at `base`.
 * `progress` runs from 0 to 1 over the time the picture is on screen, transitions included.
 */
export function placementAt(motion: Motion, { progress, base }: { progress: number; base: Placement }): Placement {
  const between = (from: number, to: number): number => from + (to - from) * progress;
  const zoom = between(motion.from.zoom, motion.to.zoom);
  const x = between(motion.from.x, motion.to.x);
  const y = between(motion.from.y, motion.to.y);
  return {
    scale: rounded(zoom * base.scale),
    x: rounded(zoom * base.x + (zoom - 1) * (1 - 2 * x)),
    y: rounded(zoom * base.y - (zoom - 1) * (1 - 2 * y)),
  };
}

/** How one property of a segment changes. */
export interface Course {
  property: KeyframeProperty;
  points: Keyframe[];
}

interface Moving {
  span: { startUs: number; durationUs: number };
  frames: PictureFrames;
  motion: Motion;
  base: Placement;
  canvas: Timeline['canvas'];
  fps: number;
}

/** The motion of one segment, from its cut to the next: its first placement, and the courses of what changes. */
export function motionOf(moving: Moving): { first: Placement; courses: Course[] } {
  const { motion, base } = moving;
  const course = momentsOf(moving).map(({ offsetUs, progress }) => ({
    offsetUs,
    ...placementAt(motion, { progress, base }),
  }));
  const first = course[0]!;
  const properties: [KeyframeProperty, keyof Placement][] = [
    ['KFTypeScaleX', 'scale'],
    ['KFTypePositionX', 'x'],
    ['KFTypePositionY', 'y'],
  ];
  const courses = properties.flatMap(([property, name]) => {
    const points: Keyframe[] = course.map((place) => ({ offsetUs: place.offsetUs, value: place[name] }));
    return points.every(({ value }) => value === points[0]!.value) ? [] : [{ property, points }];
  });
  return { first, courses };
}

/** The courses as keyframes of the segment that `words` name. */
export const keyframesOn = (
  courses: readonly Course[],
  { words, idOf }: { words: (string | number)[]; idOf: IdOf },
): unknown[] =>
  courses.map(({ property, points }) => keyframesOf(property, { id: idOf('keyframes', property, ...words), points }));

/** Keyframes on frames: the ends, and as many between as the curved path needs. */
function momentsOf({ span, frames, motion, canvas, fps }: Moving): { offsetUs: number; progress: number }[] {
  const start = frameOfUs(span.startUs, fps);
  const end = frameOfUs(span.startUs + span.durationUs, fps);
  const { visible } = frames;
  const pieces = Math.max(1, Math.min(piecesFor(motion, canvas), end - start));
  return Array.from({ length: pieces + 1 }, (_, index) => {
    const frame = start + Math.round(((end - start) * index) / pieces);
    return {
      offsetUs: usOfFrame(frame, fps) - span.startUs,
      progress: (frame - visible.start) / (visible.end - visible.start),
    };
  });
}

/** Zoom times place is a parabola; a straight piece of width h leaves it by curvature · h² / 4 at most. */
function piecesFor({ from, to }: Motion, { width, height }: Timeline['canvas']): number {
  const zoom = Math.abs(to.zoom - from.zoom);
  const curvaturePx = Math.max(zoom * Math.abs(to.x - from.x) * width, zoom * Math.abs(to.y - from.y) * height);
  return Math.ceil(Math.sqrt(curvaturePx / (4 * TOLERANCE_PX)));
}

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6 + 0;
