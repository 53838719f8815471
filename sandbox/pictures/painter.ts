import { WorkerPool, workerScript } from '../worker-pool.ts';

export interface PictureOrder {
  prompt: string;
  width: number;
  height: number;
  format: 'jpeg' | 'png';
  /** Prints the vendor's mark at bottom right. */
  watermark: boolean;
  seed: string;
  /** Colours taken from a reference picture, from dark to light; the film's own palette without them. */
  colors: readonly string[] | null;
}

export interface Painter {
  paint(order: PictureOrder): Promise<Buffer>;
  /** The colours that a picture is mostly made of; null when it cannot be decoded. */
  colorsOf(picture: Uint8Array): Promise<readonly string[] | null>;
  close(): Promise<void>;
}

/** What the painting threads are asked for, and what they give. */
export type PaintTask = { order: PictureOrder } | { picture: Uint8Array };
export interface PaintResult {
  bytes?: Uint8Array;
  colors?: readonly string[] | null;
}

/** As many as the smallest machine has cores. */
const THREADS = 2;

export function createPainter(): Painter {
  const pool = new WorkerPool<PaintTask, PaintResult>(workerScript('./paint.worker', import.meta.url), THREADS);
  return {
    paint: async (order) => {
      const { bytes } = await pool.run({ order });
      if (bytes === undefined) throw new Error('nothing was painted');
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    colorsOf: async (picture) => (await pool.run({ picture })).colors ?? null,
    close: () => pool.close(),
  };
}
