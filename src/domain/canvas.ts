export const ASPECT_RATIOS = ['9:16', '16:9', '1:1', '3:4', '4:3'] as const;
export type AspectRatio = (typeof ASPECT_RATIOS)[number];

export const RESOLUTIONS = ['360p', '720p', '1080p'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export const FRAME_RATES = [24, 25, 30, 60] as const;
export type FrameRate = (typeof FRAME_RATES)[number];

/** Pixels, both even (yuv420p needs it). */
export interface Canvas {
  width: number;
  height: number;
}

const SHORT_SIDE: Record<Resolution, number> = { '360p': 360, '720p': 720, '1080p': 1080 };

/** The film's raster: the resolution names the short side, the ratio gives the other. */
export function canvasFor(aspectRatio: AspectRatio, resolution: Resolution): Canvas {
  const short = SHORT_SIDE[resolution];
  const [w, h] = aspectRatio.split(':').map(Number) as [number, number];
  const long = Math.round((short * Math.max(w, h)) / Math.min(w, h) / 2) * 2;
  return w >= h ? { width: long, height: short } : { width: short, height: long };
}
