import { ActivityFailure, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { AssetRef } from '../domain/asset.ts';
import type { Degradation } from '../domain/degradation.ts';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import { ownMaterialOf } from '../domain/own-material.ts';
import type { PictureOrigin } from '../domain/quality.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import { isPicture, substitutePictures, type ScenePicture } from '../domain/substitution.ts';
import type { VideoResult } from '../domain/video-result.ts';
import type { Material, SceneMaterial } from './decide.ts';
import * as profiles from './profiles.ts';
import { failureOf } from './settle-scenes.ts';

const { layOutFilm } = proxyActivities<Activities>(profiles.quick);
const { renderVideo } = proxyActivities<Activities>(profiles.render);
const { writeDraft } = proxyActivities<Activities>(profiles.draft);

type Drafted = Pick<VideoResult, 'draft' | 'degradations'>;

export interface ComposedFilm extends Awaited<ReturnType<Activities['renderVideo']>> {
  timeline: AssetRef;
  draft: VideoResult['draft'];
  degradations: Degradation[];
}

/** The timeline, then of it the film and, side by side, its draft. */
export async function compose(
  input: GenerateVideoInput,
  storyboard: Storyboard,
  material: Material,
): Promise<ComposedFilm> {
  const { pictures, degradations } = substitutePictures(
    material.scenes.map(({ sceneId, narration, picture }) => ({ sceneId, text: narration, picture })),
  );
  const laidOut = await layOutFilm({
    ...{ spec: input.spec, canvas: input.canvas, title: storyboard.title, language: storyboard.language },
    scenes: material.scenes.map(({ sceneId, narration, audio }, index) => ({
      ...{ sceneId, narration, audio },
      picture: pictures.get(sceneId) ?? { kind: 'title_card', text: narration },
      onScreenText: storyboard.scenes[index]?.onScreenText ?? null,
    })),
  });
  const { timeline } = laidOut;
  const work = [
    renderVideo({
      ...{ videoId: input.videoId, timeline, format: input.spec.format },
      pictureSources: material.scenes.map(({ sceneId, picture }) => {
        return { sceneId, source: originOf(input, { sceneId, picture, shown: pictures.get(sceneId) }) };
      }),
    }),
    draftOf(input, timeline),
  ] as const;
  // Both to their end, also when one is cancelled or fails: a run that has ended leaves nothing at work.
  await Promise.allSettled(work);
  const [rendered, drafted] = await Promise.all(work);
  return {
    ...rendered,
    ...{ timeline, draft: drafted.draft },
    degradations: [...material.degradations, ...degradations, ...laidOut.degradations, ...drafted.degradations],
  };
}

/** Whose picture a scene shows, as the quality report tells it. */
function originOf(
  { spec }: GenerateVideoInput,
  scene: Pick<SceneMaterial, 'sceneId' | 'picture'> & { shown: ScenePicture | undefined },
): PictureOrigin {
  const { picture, clip } = ownMaterialOf(spec.ownMaterial, scene.sceneId);
  if (isPicture(scene.picture)) return (picture ?? clip ?? null) === null ? 'own' : 'uploaded';
  return scene.shown === undefined || scene.shown.kind === 'title_card' ? 'title_card' : 'neighbour';
}

/** A film without its draft is a film: what is missing is told. */
async function draftOf({ videoId }: GenerateVideoInput, timeline: AssetRef): Promise<Drafted> {
  try {
    const { draftId, draft } = await writeDraft({ videoId, timeline });
    return { draft: { id: draftId, zip: draft }, degradations: [] };
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    const { code, detail } = failureOf(error);
    const missing = { sceneId: null, what: 'draft', why: code, detail, replacedBy: 'no draft' } as const;
    return { draft: null, degradations: [missing] };
  }
}
