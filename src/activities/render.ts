import { AsyncResource } from 'node:async_hooks';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { AssetRef } from '../domain/asset.ts';
import type { RenderProgress } from '../domain/progress.ts';
import { aigcMetadata } from '../domain/labelling.ts';
import type { QualityReport } from '../domain/quality.ts';
import type { ScenePicture } from '../domain/substitution.ts';
import type { WordTiming } from '../domain/word-timing.ts';
import { measureQuality, type ToldPicture } from '../render/measure-quality.ts';
import { encodeAhead, renderFilm, type RenderOptions } from '../render/render-film.ts';
import { buildTimeline } from '../timeline/build.ts';
import { withPictures } from '../timeline/frozen-film.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { ActivityDeps } from './deps.ts';
import { FilmSegments } from './film-segments.ts';
import { withLentAssets } from './lent-assets.ts';
import { reportProgress } from './report-progress.ts';
import { readFrozenFilm, readTimeline, readWords } from './stored-json.ts';

export interface RenderVideoInput {
  videoId: string;
  timeline: AssetRef;
  format: 'mp4' | 'webm';
  /** Whose finished segments are taken up; not in older inputs: nobody's. */
  tenant?: string;
  /** Where the scenes' pictures come from, for the quality report; told from the timeline when it is not given. */
  pictureSources?: ToldPicture[];
}

export interface EncodeSegmentsInput {
  videoId: string;
  tenant: string;
  /** The `FrozenFilm` as JSON. */
  film: AssetRef;
  format: 'mp4' | 'webm';
  /** Scenes whose segments are wanted: what shows them alone, and the transitions between them and those beside them. */
  scenes: string[];
  /** Theirs, and, where there are any, those of the scenes beside them. */
  pictures: { sceneId: string; picture: ScenePicture }[];
  /** Frames of the film that earlier calls have seen to. */
  doneFrames: number;
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
    const film = await withPieces(input, (pieces) =>
      renderFilm({
        ...pieces,
        ...{ timeline, format: input.format, signal },
        aigc: aigcMetadata({ videoId: input.videoId, labelling: deps.labelling }),
        onProgress: ({ doneFrames, totalFrames }) => {
          report({ doneFrames, totalFrames });
        },
      }),
    );
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

  /**
   * Encodes segments of a film whose other pictures are still being made, and its sound. Whatever of it is not done, or is
   * lost, the film's render does.
   */
  async function encodeSegments(input: EncodeSegmentsInput): Promise<{ frames: number }> {
    const report = AsyncResource.bind((progress: RenderProgress) => reportProgress(progress));
    const frozen = await readFrozenFilm(deps.assets, input.film);
    const pictures = new Map(input.pictures.map(({ sceneId, picture }) => [sceneId, picture]));
    const { timeline } = buildTimeline(withPictures(frozen, pictures));
    const wanted = new Set(input.scenes);
    return withPieces(input, (pieces) =>
      encodeAhead({
        ...pieces,
        ...{ timeline, format: input.format, signal: Context.current().cancellationSignal },
        isWanted: (sceneIds) => sceneIds.some((id) => wanted.has(id)) && sceneIds.every((id) => pictures.has(id)),
        onProgress: ({ doneFrames, totalFrames }) => {
          report({ doneFrames: Math.min(input.doneFrames + doneFrames, totalFrames), totalFrames });
        },
      }),
    );
  }

  /** What a render works with: assets as they are needed, the video's work folder, and what the tenant has finished before. */
  async function withPieces<Result>(
    { videoId, tenant }: { videoId: string; tenant?: string },
    work: (
      pieces: Pick<RenderOptions, 'assetPath' | 'bring' | 'segments' | 'workDir' | 'ffmpeg' | 'noProgressMs'>,
    ) => Promise<Result>,
  ): Promise<Result> {
    const segments = tenant === undefined ? null : new FilmSegments(deps.segments, tenant);
    const signal = Context.current().cancellationSignal;
    try {
      return await withLentAssets(deps.assets, {
        signal,
        work: (lent) =>
          work({
            ...lent,
            ...{ segments, workDir: workDirOf(videoId), ffmpeg: deps.ffmpeg, noProgressMs: deps.renderStallMs },
          }),
      });
    } finally {
      // While the work folder is there.
      await segments?.settled();
    }
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

  return { renderVideo, encodeSegments, discardWork };
}
