import { frameOfUs, usOfFrame } from '../timeline/frames.ts';
import type { TimeRange } from './format.ts';

/** One playing of a loop: where it lies in the film, and which part of its file it is. */
export interface LoopPiece {
  target: TimeRange;
  sourceStartUs: number;
}

/** A file that is repeated: the loop is `loopUs` long, begins at `leadUs`, and goes on for a while behind its end. */
export interface LoopedFile {
  leadUs: number;
  loopUs: number;
  fileUs: number;
}

/**
 * A span filled with as many playings as it takes, each from one frame boundary to another. A loop that is not a whole
 * count of frames begins that much later in its file, so that nothing drifts; where the file has nothing behind its
 * end, the last part of a frame is silent.
 */
export function loopPieces(
  { startUs, durationUs }: { startUs: number; durationUs: number },
  { file, fps }: { file: LoopedFile; fps: number },
): LoopPiece[] {
  const end = frameOfUs(startUs + durationUs, fps);
  const pieces: LoopPiece[] = [];
  for (let turn = 0; ; turn++) {
    const due = startUs + turn * file.loopUs;
    const from = frameAtOrAfter(due, fps);
    if (from >= end) return pieces;
    const sourceStartUs = Math.round(file.leadUs + usOfFrame(from, fps) - due);
    const lastOfFile = frameAtOrBefore(usOfFrame(from, fps) + file.fileUs - sourceStartUs, fps);
    const to = Math.min(end, frameAtOrAfter(due + file.loopUs, fps), lastOfFile);
    if (to <= from) return pieces;
    const start = usOfFrame(from, fps);
    pieces.push({ target: { start, duration: usOfFrame(to, fps) - start }, sourceStartUs });
  }
}

/** Half a microsecond is rounding, not time. */
const frameAtOrAfter = (us: number, fps: number): number => Math.ceil((us * fps - fps / 2) / 1_000_000);
const frameAtOrBefore = (us: number, fps: number): number => Math.floor((us * fps + fps / 2) / 1_000_000);
