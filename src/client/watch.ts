import type { McpBridgeClient } from './client.ts';
import type { ActiveVideo, Video, VideoEvent } from './types.ts';

export interface WatchOptions {
  signal?: AbortSignal | undefined;
  /** How often it is asked for what no event tells: frames rendered, why it waits, what was paid. */
  pollMs?: number;
  /** Called with each event of the video, from its first, as far as events are to be had. */
  onEvent?: ((event: VideoEvent) => void) | undefined;
}

const POLL_MS = 2_000;
/** Events of one moment are looked at together. */
const GATHER_MS = 100;

type Ended = Exclude<Video, ActiveVideo>;

export const hasEnded = (video: Video): video is Ended =>
  video.status !== 'queued' && video.status !== 'running' && video.status !== 'cancelling';

/** Every view of the video that differs from the one before; the last is of its end. Events wake it, the view is the truth. */
export async function* watch(
  client: Pick<McpBridgeClient, 'getVideo' | 'videoEvents'>,
  id: string,
  { signal, pollMs = POLL_MS, onEvent }: WatchOptions,
): AsyncGenerator<Video, void> {
  const over = new AbortController();
  const both = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const alarm = new Alarm();
  void listen(client, id, { signal: both, alarm, onEvent });
  try {
    for (let before = ''; ;) {
      const video = await client.getVideo(id, { signal });
      const now = JSON.stringify(video);
      if (now !== before) yield video;
      if (hasEnded(video)) return;
      before = now;
      await alarm.within(pollMs, signal);
    }
  } finally {
    over.abort();
  }
}

/** Where no events are to be had, the views are enough. */
async function listen(
  client: Pick<McpBridgeClient, 'videoEvents'>,
  id: string,
  { signal, alarm, onEvent }: { signal: AbortSignal; alarm: Alarm; onEvent: WatchOptions['onEvent'] },
): Promise<void> {
  try {
    for await (const event of client.videoEvents(id, { signal })) {
      onEvent?.(event);
      alarm.ring(event.type === 'ended' ? 0 : GATHER_MS);
    }
  } catch {
    // The next view tells what is wrong, if it is.
  }
}

/** Ends a wait before its time, the present one or the next. */
class Alarm {
  /** In how many milliseconds it is to end; null: nobody has rung. */
  #rungFor: number | null = null;
  #wake: (afterMs: number) => void = () => {};

  ring(afterMs: number): void {
    if (this.#rungFor !== null && this.#rungFor <= afterMs) return;
    this.#rungFor = afterMs;
    this.#wake(afterMs);
  }

  async within(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const woken = new AbortController();
    let timer = setTimeout(() => woken.abort(), this.#rungFor ?? ms);
    this.#wake = (afterMs) => {
      clearTimeout(timer);
      timer = setTimeout(() => woken.abort(), afterMs);
    };
    const either = signal === undefined ? woken.signal : AbortSignal.any([woken.signal, signal]);
    await new Promise<void>((resolve) => {
      if (either.aborted) resolve();
      else either.addEventListener('abort', () => resolve(), { once: true });
    });
    clearTimeout(timer);
    this.#rungFor = null;
    this.#wake = () => {};
    signal?.throwIfAborted();
  }
}
