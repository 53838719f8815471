import { ActivityFailure, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { AssetRef } from '../domain/asset.ts';
import type { Degradation } from '../domain/degradation.ts';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import { ownMaterialOf } from '../domain/material-of-scene.ts';
import type { PictureOrigin } from '../domain/quality.ts';
import type { Channel } from '../domain/service.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import { isPicture, substitutePictures } from '../domain/substitution.ts';
import type { VideoResult } from '../domain/video-result.ts';
import type { Material, SceneMaterial } from './decide.ts';
import type { EncodingAhead } from './encoding-ahead.ts';
import { isTimeFor, leftOutForDeadline } from './extras.ts';
import { glue } from './glue.ts';
import * as profiles from './profiles.ts';
import type { RunState } from './run-state.ts';
import { failureOf } from './settle-scenes.ts';
import type { Borrowed } from './similar-pictures.ts';

const layOutFilm = glue((activities) => activities.layOutFilm, profiles.quick);
const { writeDraft } = proxyActivities<Activities>(profiles.draft);

type Drafted = Pick<VideoResult, 'draft' | 'degradations'>;

export interface ComposedFilm extends Awaited<ReturnType<Activities['renderVideo']>> {
  timeline: AssetRef;
  draft: VideoResult['draft'];
  degradations: Degradation[];
}

interface Composing {
  material: Material;
  borrowed: Borrowed;
  state: RunState;
  ahead: EncodingAhead;
}

/** The timeline, then of it the film and, side by side, its draft. */
export async function compose(
  input: GenerateVideoInput,
  storyboard: Storyboard,
  { material, borrowed, state, ahead }: Composing,
): Promise<ComposedFilm> {
  const { pictures, degradations, substitutes } = substitutePictures(
    material.scenes.map(({ sceneId, narration, picture }) => {
      return { sceneId, text: narration, picture, similar: borrowed.pictures[sceneId] };
    }),
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
  const render = async () => {
    // Two encoders of one film would only share the same cores, and encode the same.
    if (ahead.isStarted) await ahead.settled();
    const { renderVideo } = proxyActivities<Activities>(profiles.underWay(profiles.render));
    return renderVideo({
      ...{ videoId: input.videoId, tenant: input.tenant, timeline, format: input.spec.format },
      pictureSources: material.scenes.map((scene) => {
        return {
          sceneId: scene.sceneId,
          source: substitutes.get(scene.sceneId) ?? originOf(input, scene),
          ...wayOf(scene),
        };
      }),
    });
  };
  const work = [render(), draftOf(input, { timeline, state })] as const;
  // Both to their end, also when one is cancelled or fails: a run that has ended leaves nothing at work.
  await Promise.allSettled(work);
  const [rendered, drafted] = await Promise.all(work);
  return {
    ...rendered,
    ...{ timeline, draft: drafted.draft },
    degradations: [material, { degradations }, borrowed, laidOut, drafted].flatMap((part) => part.degradations),
  };
}

/** Whose picture a scene shows that has one of its own, as the quality report tells it. */
function originOf({ spec }: GenerateVideoInput, { sceneId }: SceneMaterial): PictureOrigin {
  const { picture, clip } = ownMaterialOf(spec.ownMaterial, sceneId);
  return (picture ?? clip ?? null) === null ? 'own' : 'uploaded';
}

/** Which way a scene's own picture was bought. */
const wayOf = ({ picture }: SceneMaterial): { channel?: Channel } =>
  isPicture(picture) && picture.channel !== undefined ? { channel: picture.channel } : {};

/** A film without its draft is a film: what is missing is told. */
async function draftOf(
  input: GenerateVideoInput,
  { timeline, state }: { timeline: AssetRef; state: RunState },
): Promise<Drafted> {
  const { videoId } = input;
  if (!isTimeFor('draft', input)) {
    const detail = 'The deadline was near: no draft was written.';
    return { draft: null, degradations: [leftOutForDeadline({ what: 'draft', detail, replacedBy: 'no draft' })] };
  }
  try {
    const { draftId, draft, channel, insteadOf } = await writeDraft({ videoId, timeline });
    if (channel !== undefined && insteadOf !== undefined)
      state.noteDraftFallback({ channel, insteadOf: insteadOf.channel, why: insteadOf.why });
    return { draft: { id: draftId, zip: draft, ...(channel === undefined ? {} : { channel }) }, degradations: [] };
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    const { code, detail } = failureOf(error);
    const missing = { sceneId: null, what: 'draft', why: code, detail, replacedBy: 'no draft' } as const;
    return { draft: null, degradations: [missing] };
  }
}
