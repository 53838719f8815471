import type { Video } from '../../contract/video.ts';
import type { Live } from '../live/live.ts';
import { viewVideo, type ViewDeps } from './view-video.ts';

/** How far a render is, and what a run waits for, are no events: they are asked for this often. */
const LOOK_EVERY_MS = 2_000;
/** Events come in bursts: a video is not looked at more often than this. */
const LOOK_AT_MOST_EVERY_MS = 200;

/** Each wait listens and asks now and then. Beyond this a caller gets the state at once, and asks again. */
const MAX_WAITS = 256;
let waits = 0;

export interface Watching {
  /** Ends the wait, and nothing else. */
  signal: AbortSignal;
  onLook(video: Video): Promise<void>;
}

/** Looks at a video whenever something has happened, until it has ended or the signal fires; resolves to the last look. */
export async function watchVideo(
  deps: ViewDeps & { live: Pick<Live, 'notifier'> },
  { videoId, urlOf }: { videoId: string; urlOf: (sha256: string) => string },
  { signal, onLook }: Watching,
): Promise<Video> {
  let wake = (): void => {};
  const woken = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => (clearTimeout(timer), resolve());
    });
  const onAbort = () => wake();
  const unlisten = waits < MAX_WAITS ? deps.live.notifier.listen(videoId, () => wake()) : null;
  waits++;
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      const video = await viewVideo(deps, videoId, urlOf);
      if (video.finished_at !== null || signal.aborted || unlisten === null) return video;
      await onLook(video);
      await woken(LOOK_EVERY_MS);
      if (!signal.aborted) await pause(LOOK_AT_MOST_EVERY_MS);
    }
  } finally {
    waits--;
    signal.removeEventListener('abort', onAbort);
    unlisten?.();
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
