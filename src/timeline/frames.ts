/** The time at which a frame starts, in whole microseconds. */
export const usOfFrame = (frame: number, fps: number): number => Math.round((frame * 1_000_000) / fps);

/** The frame nearest to a time in microseconds. */
export const frameOfUs = (us: number, fps: number): number => Math.round((us * fps) / 1_000_000);
