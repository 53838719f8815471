import type { Canvas } from '../domain/canvas.ts';
import { COLOUR_FILTER } from './encoding.ts';

/** How much of a clip's end dissolves into its beginning, at most. */
const LOOP_FADE_SECONDS = 0.5;

/** A clip as the Timeline has it, for a film of `fps`. */
export interface ClipTiming {
  sourceDurationUs: number;
  speed: number;
  fps: number;
}

/** How many frames of film a clip surely gives: its last one may be lost to rounding. */
export const framesIn = ({ sourceDurationUs, speed, fps }: ClipTiming): number =>
  Math.max(1, Math.floor((sourceDurationUs * fps) / (1_000_000 * speed)) - 1);

/** Filters that bring a clip to the film's rate. */
export const atRate = ({ speed, fps }: ClipTiming): string => `setpts=(PTS-STARTPTS)/${speed},fps=${fps}`;

/** Filters that fill the canvas with whatever comes, as much as needed cut off at the sides. */
export const coverFilter = ({ width, height }: Canvas): string =>
  `scale=${width}:${height}:force_original_aspect_ratio=increase:flags=lanczos:out_color_matrix=bt709:out_range=tv,crop=${width}:${height},format=yuv420p,setsar=1,${COLOUR_FILTER}`;

/**
 * One round of a clip that goes round: from a little after its beginning to its end, which dissolves into the beginning,
 * so that the round's last frame leads to its first. `from` and `to` are the graph's labels.
 */
export function roundGraph(clip: ClipTiming, { from, to }: { from: string; to: string }): string {
  const frames = framesIn(clip);
  const fade = Math.max(1, Math.min(Math.round(LOOP_FADE_SECONDS * clip.fps), Math.floor(frames / 4)));
  const part = (input: string, range: string, output: string): string =>
    `[${input}]trim=${range},setpts=N/${clip.fps}/TB,settb=1/${clip.fps}[${output}]`;
  return [
    `[${from}]split=3[all1][all2][all3]`,
    part('all1', `start_frame=${fade}:end_frame=${Math.max(fade + 1, frames - fade)}`, 'body'),
    part('all2', `start_frame=${Math.max(0, frames - fade)}:end_frame=${frames}`, 'end'),
    part('all3', `end_frame=${fade}`, 'beginning'),
    `[end][beginning]xfade=transition=fade:duration=${(fade / clip.fps).toFixed(6)}:offset=0[back]`,
    `[body][back]concat=n=2:v=1:a=0[${to}]`,
  ].join(';');
}
