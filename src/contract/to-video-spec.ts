import type { VideoSpec } from '../domain/video-spec.ts';
import { chooseNarrator, isFault } from './narrator.ts';
import { ASSET_TYPE_WORDS, type VideoRequest } from './video-request.ts';

/** The request as the domain knows it. Equal wishes give equal specs, however they were spelt. */
export function toVideoSpec(request: VideoRequest): VideoSpec {
  const narrator = chooseNarrator(request);
  if (isFault(narrator)) throw new TypeError(`a valid request was expected; ${narrator.field} ${narrator.message}`);
  return {
    theme: request.video_theme,
    durationSeconds: request.duration,
    aspectRatio: request.aspect_ratio,
    resolution: request.resolution,
    fps: request.fps,
    format: request.format,
    assetType: ASSET_TYPE_WORDS[request.ai_asset_type],
    visualStyle: request.visual_style === '' ? null : request.visual_style,
    enableTts: request.enable_tts,
    voiceType: narrator.voiceType,
    language: narrator.language,
    captions: request.captions,
    bgm: request.bgm,
    ownMaterial: request.scenes.map(({ scene, ...own }) => ({ sceneId: `s${scene}`, ...own })),
    referenceImage: request.reference_image,
    priority: request.priority,
    deadline: request.deadline === null ? null : new Date(request.deadline).toISOString(),
    maxCost: request.max_cost,
  };
}
