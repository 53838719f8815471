import type { Canvas, FrameRate } from '../domain/canvas.ts';
import { PermanentError } from '../domain/errors.ts';
import type { ClipAsset } from '../domain/outcome.ts';
import { probeMedia } from '../render/probe.ts';
import type { ActivityDeps } from './deps.ts';
import { inWorkFile } from './work-file.ts';

/** The film that a clip is for. */
export interface ClipFilm {
  canvas: Canvas;
  fps: FrameRate;
  seconds: number;
}

/** Less moves too little to be shown as a clip. */
const LEAST_CLIP_SECONDS = 0.5;

/**
 * Stores a clip as the renderer reads it. `convert` writes it.
 * @throws PermanentError `unreadable_asset` for one that is too short
 */
export async function storeFilmClip(
  deps: ActivityDeps,
  { name, videoId, model }: { name: string; videoId: string; model: string },
  convert: (to: string, cwd: string) => Promise<{ seconds: number }>,
): Promise<ClipAsset> {
  return inWorkFile(deps, { videoId, name, type: 'mp4' }, async (file, cwd) => {
    const { seconds } = await convert(file, cwd);
    if (seconds < LEAST_CLIP_SECONDS)
      throw new PermanentError('unreadable_asset', `The clip is shorter than ${LEAST_CLIP_SECONDS} s.`);
    const { video } = await probeMedia(file);
    const clip = await deps.assets.putFile(file, 'video/mp4');
    return { clip, width: video?.width ?? 0, height: video?.height ?? 0, durationMs: seconds * 1000, model };
  });
}
