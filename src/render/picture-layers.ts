import { framePlan, type PictureFrames } from '../timeline/frame-plan.ts';
import type { PictureSegment, Timeline } from '../timeline/timeline.ts';

/** A picture with the time it is on screen. */
export interface PictureLayer {
  picture: PictureSegment;
  frames: PictureFrames;
}

export function layersOf(timeline: Timeline): PictureLayer[] {
  const plan = framePlan(timeline);
  return timeline.tracks.pictures.map((picture, index) => ({ picture, frames: plan[index]! }));
}

/** Frames on screen, transitions included. */
export const lengthOf = ({ visible }: PictureFrames): number => visible.end - visible.start;

/** Layers with the same key need one file: a still whatever its time, a clip for as long as it is on screen. */
export const layerKey = ({ picture: { source }, frames }: PictureLayer): string =>
  JSON.stringify([source, source.kind === 'clip' ? lengthOf(frames) : null]);
