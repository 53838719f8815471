import type { Label } from '../domain/labelling.ts';
import { usOfFrame } from './frames.ts';
import type { LabelSegment } from './timeline.ts';

/** The visible AI label over the film's first seconds, rounded up to a frame; the whole film when it is shorter. */
export function layLabels(
  label: Label | null,
  { totalFrames, fps }: { totalFrames: number; fps: number },
): LabelSegment[] {
  if (label === null) return [];
  const frames = Math.min(totalFrames, Math.ceil(label.seconds * fps));
  const { text, position, textHeight } = label;
  return [{ startUs: 0, durationUs: usOfFrame(frames, fps), text, position, textHeight }];
}
