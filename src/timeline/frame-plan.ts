import { frameOfUs } from './frames.ts';
import type { Timeline } from './timeline.ts';

/** Where one picture is on screen, in frames of the film; each end is exclusive. */
export interface PictureFrames {
  /** The transition into this picture; empty for a hard cut. */
  transition: { start: number; end: number };
  /** Where it stands alone; empty when two transitions meet. */
  body: { start: number; end: number };
  /** Transitions on both sides included: the time its motion takes. */
  visible: { start: number; end: number };
}

type PictureSpan = Pick<Timeline['tracks']['pictures'][number], 'startUs' | 'durationUs' | 'transitionUs'>;

/** The one reading of cuts and transitions: n frames (odd) start (n - 1) / 2 before the cut. */
export function framePlan(
  timeline: Pick<Timeline, 'fps'> & { tracks: { pictures: readonly PictureSpan[] } },
): PictureFrames[] {
  const { fps, tracks } = timeline;
  const transitions = tracks.pictures.map((picture) => {
    const cut = frameOfUs(picture.startUs, fps);
    const frames = frameOfUs(picture.transitionUs, fps);
    const start = frames === 0 ? cut : cut - (frames - 1) / 2;
    return { start, end: start + frames };
  });
  return tracks.pictures.map((picture, index) => {
    const transition = transitions[index]!;
    const next = transitions[index + 1];
    const end = frameOfUs(picture.startUs + picture.durationUs, fps);
    return {
      transition,
      body: { start: transition.end, end: next?.start ?? end },
      visible: { start: transition.start, end: next?.end ?? end },
    };
  });
}
