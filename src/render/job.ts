import { stat } from 'node:fs/promises';
import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { FilmFormat } from './encoding.ts';
import { runFfmpeg, type FfmpegRun } from './run-ffmpeg.ts';
import { isVerdict, isUnreadable } from './unreadable.ts';
import type { SegmentCache } from './work-files.ts';

/** What ffmpeg is given while it runs, and whom it tells. */
type Fed = Pick<FfmpegRun, 'onFrame' | 'input'>;

/** What the steps of one render share. */
export interface RenderJob {
  timeline: Timeline;
  format: FilmFormat;
  workDir: string;
  /** Which ffmpeg it is (`ffmpegBuild`): another build may write other headers, and pieces with those do not join. */
  build: string;
  /** Null: there are no pieces but those of the work folder. */
  segments: SegmentCache | null;
  run: (args: readonly string[], fed?: Fed) => Promise<{ report: string; frames: number }>;
  /** Runs ffmpeg on one asset; a failure means that the asset is bad. */
  readInput: (asset: AssetRef, output: readonly string[]) => Promise<void>;
}

interface JobOptions extends Pick<RenderJob, 'timeline' | 'format' | 'workDir'> {
  assetPath: (asset: AssetRef) => string;
  /** Called before `assetPath`, when an asset is to be read; by default all are there. */
  bring?: (asset: AssetRef) => Promise<void>;
  build?: string;
  segments?: SegmentCache | null;
  ffmpeg: string;
  threads?: number;
  noProgressMs?: number;
}

export function jobOf(options: JobOptions, signal: AbortSignal): RenderJob {
  const { timeline, format, workDir, ffmpeg, threads, noProgressMs, assetPath, bring } = options;
  const { build = '', segments = null } = options;
  const watched = noProgressMs === undefined ? {} : { noProgressMs };
  const limited =
    threads === undefined ? [] : ['-filter_threads', String(threads), '-filter_complex_threads', String(threads)];
  const run: RenderJob['run'] = (args, fed = {}) => {
    const output =
      threads === undefined ? args : [...args.slice(0, -1), '-threads', String(threads), ...args.slice(-1)];
    return runFfmpeg({
      ffmpeg,
      cwd: workDir,
      signal,
      args: [...limited, ...output],
      ...watched,
      ...fed,
    });
  };
  const readInput: RenderJob['readInput'] = async (asset, output) => {
    await bring?.(asset);
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
  return { timeline, format, workDir, build, segments, run, readInput };
}
