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
 * Stores a clip at its film's raster and rate, so that its length is known to the frame. `convert` writes it.
 * @throws PermanentError `unreadable_asset` for one that is too short
 */
export async function storeFilmClip(
  deps: ActivityDeps,
  { name, videoId, film, model }: { name: string; videoId: string; film: ClipFilm; model: string },
  convert: (to: string, cwd: string) => Promise<{ frames: number }>,
): Promise<ClipAsset> {
  return inWorkFile(deps, { videoId, name, type: 'mp4' }, async (file, cwd) => {
    const { frames } = await convert(file, cwd);
    const durationMs = (frames * 1000) / film.fps;
    if (durationMs < LEAST_CLIP_SECONDS * 1000)
      throw new PermanentError('unreadable_asset', `The clip is shorter than ${LEAST_CLIP_SECONDS} s.`);
    const { video } = await probeMedia(file);
    const clip = await deps.assets.putFile(file, 'video/mp4');
    return { clip, width: video?.width ?? 0, height: video?.height ?? 0, durationMs, model };
  });
}
