import { stat } from 'node:fs/promises';
import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { FilmFormat } from './encoding.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import { isVerdict, isUnreadable } from './unreadable.ts';

/** What the steps of one render share. */
export interface RenderJob {
  timeline: Timeline;
  format: FilmFormat;
  workDir: string;
  run: (args: readonly string[], onFrame?: (frame: number) => void) => Promise<{ report: string; frames: number }>;
  /** Runs ffmpeg on one asset; a failure means that the asset is bad. */
  readInput: (asset: AssetRef, output: readonly string[]) => Promise<void>;
}

interface JobOptions extends Pick<RenderJob, 'timeline' | 'format' | 'workDir'> {
  assetPath: (asset: AssetRef) => string;
  ffmpeg: string;
  threads?: number;
  noProgressMs?: number;
}

export function jobOf(options: JobOptions, signal: AbortSignal): RenderJob {
  const { timeline, format, workDir, ffmpeg, threads, noProgressMs, assetPath } = options;
  const watched = noProgressMs === undefined ? {} : { noProgressMs };
  const limited =
    threads === undefined ? [] : ['-filter_threads', String(threads), '-filter_complex_threads', String(threads)];
  const run: RenderJob['run'] = (args, onFrame) => {
    const output =
      threads === undefined ? args : [...args.slice(0, -1), '-threads', String(threads), ...args.slice(-1)];
    return runFfmpeg({
      ffmpeg,
      cwd: workDir,
      signal,
      args: [...limited, ...output],
      ...watched,
      ...(onFrame ? { onFrame } : {}),
    });
  };
  const readInput: RenderJob['readInput'] = async (asset, output) => {
    const path = assetPath(asset);
    const found = await stat(path).catch(() => null);
    if (found === null)
      throw new PermanentError('asset_missing', `The file of asset ${asset.sha256.slice(0, 12)} is missing.`);
    try {
      await run(['-v', 'error', '-xerror', '-i', `file:${path}`, ...output]);
    } catch (error) {
      if (!isVerdict(error) || !(await isUnreadable({ path, ffmpeg, signal }))) throw error;
      const what = `Asset ${asset.sha256.slice(0, 12)} (${asset.mediaType}) cannot be decoded.`;
      throw new PermanentError('unreadable_asset', what, { cause: error });
    }
  };
  return { timeline, format, workDir, run, readInput };
}
