/** One render keeps four cores busy: two encoders at once, two threads each. */
const CORES_A_RENDER = 4;
/** What a render of 1080p takes at most, with every ffmpeg (`npm run bench -- --only memory`). */
const BYTES_A_RENDER = 600 * 2 ** 20;
/** The rest is the other processes' and the disk cache's. */
const MEMORY_SHARE = 0.5;

export interface Machine {
  cores: number;
  /** Of the machine, or of the container where that has less. */
  memoryBytes: number;
}

/** How many films a worker renders at once when nobody says: more would only make all of them slow. */
export function renderSlotsOf({ cores, memoryBytes }: Machine): number {
  const byMemory = (memoryBytes * MEMORY_SHARE) / BYTES_A_RENDER;
  return Math.max(1, Math.floor(Math.min(cores / CORES_A_RENDER, byMemory)));
}
