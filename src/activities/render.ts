import { AsyncResource } from 'node:async_hooks';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { AssetRef } from '../domain/asset.ts';
import type { RenderProgress } from '../domain/progress.ts';
import { aigcMetadata } from '../domain/labelling.ts';
import type { QualityReport } from '../domain/quality.ts';
import type { WordTiming } from '../domain/word-timing.ts';
import { measureQuality, type ToldPicture } from '../render/measure-quality.ts';
import { renderFilm } from '../render/render-film.ts';
import { assetsOf } from '../timeline/assets-of.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { ActivityDeps } from './deps.ts';
import { reportProgress } from './report-progress.ts';
import { readTimeline, readWords } from './stored-json.ts';

export interface RenderVideoInput {
  videoId: string;
  timeline: AssetRef;
  format: 'mp4' | 'webm';
  /** Where the scenes' pictures come from, for the quality report; told from the timeline when it is not given. */
  pictureSources?: ToldPicture[];
}

export interface RenderedVideo {
  video: AssetRef;
  cover: AssetRef;
  /** SRT; null when captions were not asked for. */
  captions: AssetRef | null;
  /** The same captions as ASS, as they are drawn. */
  subtitles: AssetRef | null;
  durationSeconds: number;
  quality: QualityReport;
}

export function createRenderActivities(deps: ActivityDeps) {
  /** The film, its cover and its captions. What an earlier attempt has finished in the work folder is taken up again. */
  async function renderVideo(input: RenderVideoInput): Promise<RenderedVideo> {
    // Called from ffmpeg's output, where the activity's context is not at hand.
    const report = AsyncResource.bind((progress: RenderProgress) => reportProgress(progress));
    const timeline = await readTimeline(deps.assets, input.timeline);
    const signal = Context.current().cancellationSignal;
    const film = await deps.assets.withLocalFiles(assetsOf(timeline), {
      signal,
      work: (assetPath) =>
        renderFilm({
          timeline,
          format: input.format,
          assetPath,
          workDir: workDirOf(input.videoId),
          ffmpeg: deps.ffmpeg,
          noProgressMs: deps.renderStallMs,
          aigc: aigcMetadata({ videoId: input.videoId, labelling: deps.labelling }),
          onProgress: ({ doneFrames, totalFrames }) => {
            report({ doneFrames, totalFrames });
          },
          signal,
        }),
    });
    const words = await wordsOf(timeline);
    // Measured where it lies: the store takes the file away.
    const quality = await measureQuality({
      path: film.videoPath,
      timeline,
      words,
      ...(input.pictureSources === undefined ? {} : { pictureSources: input.pictureSources }),
      ffmpeg: deps.ffmpeg,
      signal,
    });
    const [video, cover, captions, subtitles] = await Promise.all([
      deps.assets.putFile(film.videoPath, input.format === 'mp4' ? 'video/mp4' : 'video/webm'),
      deps.assets.putFile(film.coverPath, 'image/jpeg'),
      film.captionsPath === null ? null : deps.assets.putFile(film.captionsPath, 'application/x-subrip'),
      film.assPath === null ? null : deps.assets.putFile(film.assPath, 'text/x-ssa'),
    ]);
    return { video, cover, captions, subtitles, durationSeconds: film.durationSeconds, quality };
  }

  /** What the recordings say about when each word is said, by scene. */
  async function wordsOf({ tracks }: Timeline): Promise<Map<string, WordTiming[]>> {
    const words = new Map<string, WordTiming[]>();
    for (const { sceneId, words: asset } of tracks.narration) {
      if (asset === undefined) continue;
      words.set(sceneId, await readWords(deps.assets, asset));
    }
    return words;
  }

  /** Frees what a run that has ended leaves in the work folder. */
  async function discardWork(input: { videoId: string }): Promise<void> {
    await rm(workDirOf(input.videoId), { recursive: true, force: true });
  }

  const workDirOf = (videoId: string): string => path.join(deps.workDir, videoId);

  return { renderVideo, discardWork };
}
