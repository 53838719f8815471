import type { Degradation } from '../domain/degradation.ts';
import type { Cost } from '../domain/ledger-line.ts';
import type { BranchProgress, Progress, RenderProgress } from '../domain/progress.ts';
import type { VideoResult } from '../domain/video-result.ts';
import type { z } from 'zod';
import type { VideoProgress, WireCost, WireDegradation } from './video.ts';

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
    draft_id: null,
    draft_url: null,
    cover_url: urlOf(result.cover.sha256),
    captions_url: result.captions === null ? null : urlOf(result.captions.sha256),
    degradations: result.degradations.map(degradationToWire),
    cost: costToWire(result.cost),
    sandbox: result.sandbox,
  };
}

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
        lines: cost.lines.map(({ sceneId, ...line }) => ({ scene_id: sceneId, ...line })),
      };
