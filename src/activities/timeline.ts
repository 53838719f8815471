import type { AssetRef } from '../domain/asset.ts';
import type { Canvas } from '../domain/canvas.ts';
import type { Degradation } from '../domain/degradation.ts';
import { labelFor } from '../domain/labelling.ts';
import type { NarrationAsset } from '../domain/outcome.ts';
import type { ScenePicture } from '../domain/substitution.ts';
import type { VideoSpec } from '../domain/video-spec.ts';
import { bedForMood } from '../timeline/bed-for-mood.ts';
import { buildTimeline } from '../timeline/build.ts';
import { checkTimeline } from '../timeline/check.ts';
import { type FrozenFilm, withPictures } from '../timeline/frozen-film.ts';
import type { MusicSource } from '../timeline/timeline.ts';
import type { ActivityDeps } from './deps.ts';
import { readWords } from './stored-json.ts';
import { uploadedAsset } from './uploaded-asset.ts';

/** A film without its pictures. */
export interface FreezeFilmInput {
  spec: VideoSpec;
  canvas: Canvas;
  title: string;
  language: string;
  scenes: UnseenScene[];
}

interface UnseenScene {
  sceneId: string;
  narration: string;
  audio: NarrationAsset | null;
  /** Not in inputs recorded before it was drawn. */
  onScreenText?: string | null;
}

export interface LayOutFilmInput extends FreezeFilmInput {
  scenes: (UnseenScene & { picture: ScenePicture })[];
}

export interface LaidOutFilm {
  /** The Timeline as JSON. */
  timeline: AssetRef;
  degradations: Degradation[];
}

/** Storyboard and assets become one Timeline; word timings are read here, so that they never travel in payloads. */
export function createTimelineActivities(deps: ActivityDeps) {
  async function layOutFilm(input: LayOutFilmInput): Promise<LaidOutFilm> {
    const pictures = new Map(input.scenes.map(({ sceneId, picture }) => [sceneId, picture]));
    const { timeline, degradations } = buildTimeline(withPictures(await frozen(input), pictures));
    checkTimeline(timeline);
    return { timeline: await putJson(timeline), degradations };
  }

  /**
   * The film as it is once all narration is measured (`FrozenFilm` as JSON): from here on, whatever its pictures will be,
   * its cuts and captions stand.
   */
  async function freezeFilm(input: FreezeFilmInput): Promise<{ film: AssetRef }> {
    const film = await frozen(input);
    checkTimeline(buildTimeline(withPictures(film, new Map())).timeline);
    return { film: await putJson(film) };
  }

  async function frozen({ spec, canvas, title, language, scenes }: FreezeFilmInput): Promise<FrozenFilm> {
    return {
      ...{ canvas, title, language },
      ...{ fps: spec.fps, durationSeconds: spec.durationSeconds, captions: spec.captions },
      music: await musicFor(spec),
      label: labelFor(language, deps.labelling),
      scenes: await Promise.all(scenes.map(readScene)),
    };
  }

  async function readScene(scene: UnseenScene): Promise<FrozenFilm['scenes'][number]> {
    const { sceneId, narration, audio, onScreenText = null } = scene;
    if (audio === null) return { sceneId, narration, audio: null, onScreenText };
    const words = await readWords(deps.assets, audio.words);
    return {
      sceneId,
      narration,
      audio: { asset: audio.audio, durationMs: audio.durationMs, words, wordsAsset: audio.words },
      onScreenText,
    };
  }

  const putJson = (value: unknown): Promise<AssetRef> =>
    deps.assets.put(Buffer.from(JSON.stringify(value)), 'application/json');

  /** None, the bed that fits the theme's mood, or the user's own. */
  async function musicFor({ bgm, theme, visualStyle }: VideoSpec): Promise<MusicSource | null> {
    if (bgm === 'none') return null;
    if (bgm === 'auto') return { kind: 'bed', name: bedForMood({ theme, visualStyle }) };
    const asset = await uploadedAsset(deps.assets, { sha256: bgm, calledInErrors: 'The music asked for' });
    return { kind: 'asset', asset };
  }

  return { layOutFilm, freezeFilm };
}
