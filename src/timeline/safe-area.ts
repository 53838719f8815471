import type { Canvas } from '../domain/canvas.ts';

/** Shares of the canvas's width (left, right) and height (top, bottom) that text keeps clear of. */
export interface Margins {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Where players lay nothing over the picture, by how wide the canvas is for its height.
 * 9:16: names and tabs above, title and progress below, buttons at the right, on each of Douyin/TikTok, Reels and
 * Shorts (published overlays at 1080x1920: top 130–250 px, bottom 320–420, right 120–164); kept even at both sides, so that
 * centred text stays in the middle. The others are played in a player's own frame: title-safe 5 % and its controls.
 */
const MARGINS: readonly { upTo: number; margins: Margins }[] = [
  { upTo: 0.7, margins: { left: 0.12, right: 0.12, top: 0.13, bottom: 0.21 } },
  { upTo: 0.9, margins: { left: 0.08, right: 0.08, top: 0.06, bottom: 0.12 } },
  { upTo: Infinity, margins: { left: 0.06, right: 0.06, top: 0.05, bottom: 0.08 } },
];

export const safeMargins = ({ width, height }: Canvas): Margins =>
  MARGINS.find(({ upTo }) => width / height <= upTo)!.margins;
