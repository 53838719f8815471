import type { Degradation } from '../domain/degradation.ts';
import type { Cost } from '../domain/ledger-line.ts';
import type { BranchProgress, Progress, RenderProgress } from '../domain/progress.ts';
import type { QualityReport } from '../domain/quality.ts';
import type { VideoResult } from '../domain/video-result.ts';
import type { z } from 'zod';
import type { VideoProgress, WireCost, WireDegradation, WireQuality } from './video.ts';

export function progressToWire(progress: Progress, render: RenderProgress | null): VideoProgress {
  return {
    branches: { audio: branchToWire(progress.branches.audio), visual: branchToWire(progress.branches.visual) },
    render: render === null ? null : { done_frames: render.doneFrames, total_frames: render.totalFrames },
  };
}

const branchToWire = (branch: BranchProgress | null): VideoProgress['branches']['audio'] =>
  branch === null
    ? null
    : {
        settled: branch.settled,
        total: branch.total,
        scenes: branch.scenes.map(({ sceneId, state, why }) => ({ scene_id: sceneId, state, why })),
      };

/** What a finished video adds to its view. `urlOf` gives the address of an asset. */
export function resultToWire(result: VideoResult, urlOf: (sha256: string) => string) {
  return {
    title: result.title,
    video_url: urlOf(result.video.sha256),
    duration: result.durationSeconds,
    draft_id: result.draft?.id ?? null,
    draft_url: result.draft === null ? null : urlOf(result.draft.zip.sha256),
    draft_channel: result.draft === null ? null : (result.draft.channel ?? 'local_draft'),
    cover_url: urlOf(result.cover.sha256),
    captions_url: result.captions === null ? null : urlOf(result.captions.sha256),
    subtitles_url: result.subtitles === null ? null : urlOf(result.subtitles.sha256),
    quality: qualityToWire(result.quality),
    degradations: result.degradations.map(degradationToWire),
    cost: costToWire(result.cost),
    sandbox: result.sandbox,
  };
}

const qualityToWire = (quality: QualityReport): z.infer<typeof WireQuality> => ({
  loudness_lufs: quality.loudnessLufs,
  true_peak_dbtp: quality.truePeakDbtp,
  duration_error_ms: quality.durationErrorMs,
  caption_timing_error_ms: quality.captionTimingErrorMs,
  scenes: quality.scenes.map((scene) => ({
    scene_id: scene.sceneId,
    picture_source: scene.pictureSource,
    picture_channel: scene.pictureChannel ?? null,
    narration: scene.narration,
    narration_tempo: scene.narrationTempo,
  })),
  below_threshold: quality.belowThreshold,
});

export const degradationToWire = ({
  sceneId,
  what,
  why,
  detail,
  replacedBy,
}: Degradation): z.infer<typeof WireDegradation> => ({
  scene_id: sceneId,
  what,
  why,
  detail,
  replaced_by: replacedBy,
});

export const costToWire = (cost: Cost | null): z.infer<typeof WireCost> | null =>
  cost === null
    ? null
    : {
        currency: cost.currency,
        total: cost.total,
        lines: cost.lines.map(({ sceneId, promptSha256, channel = 'http_channel', ...line }) => {
          return { scene_id: sceneId, prompt_sha256: promptSha256, channel, ...line };
        }),
      };
