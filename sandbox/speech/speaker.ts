import { WorkerPool, workerScript } from '../worker-pool.ts';
import type { TimedToken } from './timings.ts';

export interface SpeechOrder {
  text: string;
  gender: 'male' | 'female';
  /** 1 = normal. */
  speed: number;
  /** Linear. */
  gain: number;
  sampleRate: number;
}

export interface Spoken {
  /** Signed 16-bit little-endian, mono. */
  pcm: Uint8Array;
  durationMs: number;
  tokens: TimedToken[];
}

export interface Speaker {
  speak(order: SpeechOrder): Promise<Spoken>;
  close(): Promise<void>;
}

/** One thread is enough: espeak speaks some twenty times faster than it sounds. */
export function createSpeaker(): Speaker {
  const pool = new WorkerPool<SpeechOrder, Spoken>(workerScript('./speak.worker', import.meta.url), 1);
  return { speak: (order) => pool.run(order), close: () => pool.close() };
}
