import { AsyncResource } from 'node:async_hooks';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { AssetRef } from '../domain/asset.ts';
import type { RenderProgress } from '../domain/progress.ts';
import { renderFilm } from '../render/render-film.ts';
import { Timeline } from '../timeline/timeline.ts';
import type { ActivityDeps } from './deps.ts';
import { reportProgress } from './report-progress.ts';

export interface RenderVideoInput {
  videoId: string;
  timeline: AssetRef;
  format: 'mp4' | 'webm';
}

export interface RenderedVideo {
  video: AssetRef;
  cover: AssetRef;
  captions: AssetRef | null;
  durationSeconds: number;
}

export function createRenderActivities(deps: ActivityDeps) {
  /** The film, its cover and its captions. What an earlier attempt has finished in the work folder is taken up again. */
  async function renderVideo(input: RenderVideoInput): Promise<RenderedVideo> {
    // Called from ffmpeg's output, where the activity's context is not at hand.
    const report = AsyncResource.bind((progress: RenderProgress) => reportProgress(progress));
    const timeline = Timeline.parse(JSON.parse((await deps.assets.read(input.timeline)).toString('utf8')));
    const film = await renderFilm({
      timeline,
      format: input.format,
      assetPath: (asset) => deps.assets.localPath(asset),
      workDir: workDirOf(input.videoId),
      ffmpeg: deps.ffmpeg,
      onProgress: ({ doneFrames, totalFrames }) => {
        report({ doneFrames, totalFrames });
      },
      signal: Context.current().cancellationSignal,
    });
    const [video, cover, captions] = await Promise.all([
      deps.assets.putFile(film.videoPath, input.format === 'mp4' ? 'video/mp4' : 'video/webm'),
      deps.assets.putFile(film.coverPath, 'image/jpeg'),
      film.captionsPath === null ? null : deps.assets.putFile(film.captionsPath, 'application/x-subrip'),
    ]);
    return { video, cover, captions, durationSeconds: film.durationSeconds };
  }

  /** Frees what a run that has ended leaves in the work folder. */
  async function discardWork(input: { videoId: string }): Promise<void> {
    await rm(workDirOf(input.videoId), { recursive: true, force: true });
  }

  const workDirOf = (videoId: string): string => path.join(deps.workDir, videoId);

  return { renderVideo, discardWork };
}
