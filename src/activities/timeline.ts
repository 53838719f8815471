import type { AssetRef } from '../domain/asset.ts';
import type { Canvas } from '../domain/canvas.ts';
import type { Degradation } from '../domain/degradation.ts';
import { labelFor } from '../domain/labelling.ts';
import type { NarrationAsset } from '../domain/outcome.ts';
import type { ScenePicture } from '../domain/substitution.ts';
import type { VideoSpec } from '../domain/video-spec.ts';
import { bedForMood } from '../timeline/bed-for-mood.ts';
import { buildTimeline, type TimelineScene } from '../timeline/build.ts';
import { checkTimeline } from '../timeline/check.ts';
import type { MusicSource } from '../timeline/timeline.ts';
import type { ActivityDeps } from './deps.ts';
import { readWords } from './stored-json.ts';
import { uploadedAsset } from './uploaded-asset.ts';

export interface LayOutFilmInput {
  spec: VideoSpec;
  canvas: Canvas;
  title: string;
  language: string;
  scenes: {
    sceneId: string;
    narration: string;
    audio: NarrationAsset | null;
    picture: ScenePicture;
    /** Not in inputs recorded before it was drawn. */
    onScreenText?: string | null;
  }[];
}

export interface LaidOutFilm {
  /** The Timeline as JSON. */
  timeline: AssetRef;
  degradations: Degradation[];
}

/** Storyboard and assets become one Timeline; word timings are read here, so that they never travel in payloads. */
export function createTimelineActivities(deps: ActivityDeps) {
  async function layOutFilm(input: LayOutFilmInput): Promise<LaidOutFilm> {
    const { timeline, degradations } = buildTimeline({
      canvas: input.canvas,
      fps: input.spec.fps,
      durationSeconds: input.spec.durationSeconds,
      captions: input.spec.captions,
      title: input.title,
      language: input.language,
      music: await musicFor(input.spec),
      label: labelFor(input.language, deps.labelling),
      scenes: await Promise.all(input.scenes.map(readScene)),
    });
    checkTimeline(timeline);
    return { timeline: await deps.assets.put(Buffer.from(JSON.stringify(timeline)), 'application/json'), degradations };
  }

  async function readScene(scene: LayOutFilmInput['scenes'][number]): Promise<TimelineScene> {
    const { sceneId, narration, audio, picture, onScreenText = null } = scene;
    if (audio === null) return { sceneId, narration, audio: null, picture, onScreenText };
    const words = await readWords(deps.assets, audio.words);
    return {
      sceneId,
      narration,
      audio: { asset: audio.audio, durationMs: audio.durationMs, words, wordsAsset: audio.words },
      picture,
      onScreenText,
    };
  }

  /** None, the bed that fits the theme's mood, or the user's own. */
  async function musicFor({ bgm, theme, visualStyle }: VideoSpec): Promise<MusicSource | null> {
    if (bgm === 'none') return null;
    if (bgm === 'auto') return { kind: 'bed', name: bedForMood({ theme, visualStyle }) };
    const asset = await uploadedAsset(deps.assets, { sha256: bgm, calledInErrors: 'The music asked for' });
    return { kind: 'asset', asset };
  }

  return { layOutFilm };
}
