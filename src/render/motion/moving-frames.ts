import type { Canvas } from '../../domain/canvas.ts';
import type { Motion } from '../../timeline/timeline.ts';
import { KERNELS } from './kernels.ts';

/** A picture under a moving window. */
export interface MovingPicture {
  motion: Motion;
  /** Frames of its time on screen that lie before the first one wanted. */
  offset: number;
  /** Frames that it is on screen. */
  length: number;
}

/** One picture, or two of which the second comes in. */
export interface MovingFrames {
  canvas: Canvas;
  pictures: readonly MovingPicture[];
  /** How many frames are wanted; a dissolve takes them all. */
  frames: number;
}

/** What we need of it: the compiler knows it only with a browser's DOM. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

interface Kernels {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  across(row: number, to: number, starts: number, picks: number, weights: number, groups: number): void;
  down(upper: number, lower: number, weight: number, to: number, groups: number): void;
  dissolve(frame: number, other: number, weight: number, groups: number): void;
}

interface Plane {
  /** In a frame. */
  at: number;
  width: number;
  height: number;
  /** Pixels of the frame in one of the plane's. */
  scale: number;
}

interface View {
  left: number;
  top: number;
  zoom: number;
}

/** Pixels that the kernels take at once, and the largest share of a second value. */
const GROUP = 8;
const WHOLE = 32_767;
/** Kernels read and write whole groups, beyond the last pixel of a frame too. */
const SLACK = 32;
const PAGE = 65_536;

/** Bytes of a frame or picture as yuv420p. */
export const frameBytes = ({ width, height }: Canvas): number => width * height * 1.5;

/** All frames, one after the other, each drawn when it is asked for and good until then. `pictures`: as yuv420p. */
export function movingFrames(order: MovingFrames, pictures: readonly Uint8Array[]): Iterable<Uint8Array> {
  return new FrameDrawer(order, pictures).all();
}

/**
 * Draws a window that moves over a picture: each pixel lies between four of the picture's, so that motion is even where
 * ffmpeg's `zoompan` shakes, in a twentieth of the time of its `perspective`.
 */
class FrameDrawer {
  readonly #order: MovingFrames;
  readonly #kernels: Kernels;
  readonly #bytes: Uint8Array;
  readonly #planes: Plane[];
  readonly #sources: number[];
  readonly #drawn: number[];
  /** Two rows of the picture, already brought across: the last ones that were needed. */
  readonly #rows: [number, number];
  readonly #across: { starts: number; picks: number; weights: number };

  constructor(order: MovingFrames, pictures: readonly Uint8Array[]) {
    this.#order = order;
    this.#planes = planesOf(order.canvas);
    const size = Math.ceil((frameBytes(order.canvas) + SLACK) / 16) * 16;
    const groups = Math.ceil(order.canvas.width / GROUP);
    let end = 0;
    const take = (bytes: number): number => (end += bytes) - bytes;
    this.#sources = pictures.map(() => take(size));
    this.#drawn = pictures.map(() => take(size));
    this.#rows = [take(groups * GROUP * 2), take(groups * GROUP * 2)];
    this.#across = { starts: take(groups * 16), picks: take(groups * 16), weights: take(groups * 16) };
    this.#kernels = new WebAssembly.Instance(new WebAssembly.Module(KERNELS)).exports as unknown as Kernels;
    this.#kernels.memory.grow(Math.ceil(end / PAGE));
    this.#bytes = new Uint8Array(this.#kernels.memory.buffer);
    pictures.forEach((picture, index) => this.#bytes.set(picture, this.#sources[index]));
  }

  *all(): Generator<Uint8Array> {
    for (let frame = 0; frame < this.#order.frames; frame++) yield this.#draw(frame);
  }

  #draw(frame: number): Uint8Array {
    const { canvas, pictures, frames } = this.#order;
    pictures.forEach((picture, index) => this.#drawPicture(index, viewOf(picture, { frame, canvas })));
    const [first, second] = this.#drawn as [number, number?];
    const size = frameBytes(canvas);
    if (second !== undefined)
      this.#kernels.dissolve(first, second, Math.round((frame / frames) * WHOLE), Math.ceil(size / 16));
    return this.#bytes.subarray(first, first + size);
  }

  #drawPicture(index: number, view: View): void {
    for (const [at, plane] of this.#planes.entries()) {
      // Both planes of colour have the same place.
      if (at < 2) this.#placeAcross(plane, view);
      this.#drawPlane(plane, { from: this.#sources[index]!, to: this.#drawn[index]!, view });
    }
  }

  #placeAcross({ width, scale }: Plane, { left, zoom }: View): void {
    const groups = Math.ceil(width / GROUP);
    const { buffer } = this.#kernels.memory;
    const starts = new Int32Array(buffer, this.#across.starts, groups);
    const picks = new Uint8Array(buffer, this.#across.picks, groups * GROUP * 2);
    const weights = new Int16Array(buffer, this.#across.weights, groups * GROUP);
    for (let x = 0; x < groups * GROUP; x++) {
      const group = Math.floor(x / GROUP);
      const { first, second, share } = between(left / scale + Math.min(x, width - 1) / zoom, width);
      if (x % GROUP === 0) starts[group] = first;
      const pick = group * GROUP * 2 + (x % GROUP);
      picks[pick] = first - starts[group]!;
      picks[pick + GROUP] = second - starts[group]!;
      weights[x] = share;
    }
  }

  #drawPlane({ at, width, height, scale }: Plane, { from, to, view }: { from: number; to: number; view: View }): void {
    const { across, down } = this.#kernels;
    const { starts, picks, weights } = this.#across;
    const groups = Math.ceil(width / GROUP);
    const held = [-1, -1];
    const rowOf = (y: number): number => {
      const slot = y % 2;
      if (held[slot] !== y) across(from + at + y * width, this.#rows[slot as 0 | 1], starts, picks, weights, groups);
      held[slot] = y;
      return this.#rows[slot as 0 | 1];
    };
    // From top to bottom, so that what a row's last group writes beyond its end is written over by the next row.
    for (let y = 0; y < height; y++) {
      const { first, second, share } = between(view.top / scale + y / view.zoom, height);
      down(rowOf(first), rowOf(second), share, to + at + y * width, groups);
    }
  }
}

function planesOf({ width, height }: Canvas): Plane[] {
  const luma = width * height;
  const half = { width: width / 2, height: height / 2, scale: 2 };
  return [
    { at: 0, width, height, scale: 1 },
    { at: luma, ...half },
    { at: luma * 1.25, ...half },
  ];
}

/** Where the window lies when a frame ends: at the motion's end in the last one. */
function viewOf(
  { motion: { from, to }, offset, length }: MovingPicture,
  { frame, canvas }: { frame: number; canvas: Canvas },
): View {
  const progress = (offset + frame + 1) / length;
  const at = (key: 'zoom' | 'x' | 'y'): number => from[key] + (to[key] - from[key]) * progress;
  const zoom = at('zoom');
  return { left: canvas.width * (1 - 1 / zoom) * at('x'), top: canvas.height * (1 - 1 / zoom) * at('y'), zoom };
}

/** The two pixels beside a place, and the share of the second. */
function between(place: number, length: number): { first: number; second: number; share: number } {
  const first = Math.min(Math.floor(place), length - 1);
  return { first, second: Math.min(first + 1, length - 1), share: Math.round((place - first) * WHOLE) };
}
