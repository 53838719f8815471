import { WorkerPool, workerScript } from '../worker-pool.ts';

export interface PictureOrder {
  prompt: string;
  width: number;
  height: number;
  format: 'jpeg' | 'png';
  /** Prints the vendor's mark at bottom right. */
  watermark: boolean;
  seed: string;
}

export interface Painter {
  paint(order: PictureOrder): Promise<Buffer>;
  close(): Promise<void>;
}

/** As many as the smallest machine has cores. */
const THREADS = 2;

export function createPainter(): Painter {
  const pool = new WorkerPool<PictureOrder, Uint8Array>(workerScript('./paint.worker', import.meta.url), THREADS);
  return {
    paint: async (order) => {
      const bytes = await pool.run(order);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    close: () => pool.close(),
  };
}
