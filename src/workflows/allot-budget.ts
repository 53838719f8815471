import { patched } from '@temporalio/workflow';
import { plannedClips } from '../domain/clip-plan.ts';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import type { SceneFailure } from '../domain/outcome.ts';
import { ownMaterialOf } from '../domain/material-of-scene.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import { glue, isLean } from './glue.ts';
import * as profiles from './profiles.ts';
import { RunFailed } from './run-failed.ts';
import { spokenScenes } from './spoken-scenes.ts';

const allotBudget = glue((activities) => activities.allotBudget, profiles.quick);

/** Scenes for which something is not bought, because `max_cost` does not reach for it. */
export interface TooDear {
  stills: string[];
  narrations: string[];
  /** Clips that are bought as stills. */
  clips: string[];
}

/** Spends a limited sum in one order, whichever branch would be quicker. @throws RunFailed when it reaches for no film */
export async function whatIsTooDear(input: GenerateVideoInput, storyboard: Storyboard): Promise<TooDear> {
  const { videoId, tenant, spec, policy } = input;
  const { maxCost } = spec;
  if (maxCost === null || !(isLean() || patched('allot-budget'))) return { stills: [], narrations: [], clips: [] };
  const own = (id: string) => ownMaterialOf(spec.ownMaterial, id);
  const stills = storyboard.scenes.filter(({ id }) => own(id).picture === null && (own(id).clip ?? null) === null);
  const clips = plannedClips(input, storyboard);
  const { aspectRatio } = spec;
  const {
    sufficient,
    asStills = [],
    ...tooDear
  } = await allotBudget({
    ...{ videoId, tenant, maxCost },
    stills: stills.map(({ id }) => id),
    ...(clips.length === 0 ? {} : { clips: clips.map((clip) => ({ ...clip, aspectRatio, canvas: input.canvas })) }),
    narrations: spokenScenes(input, storyboard)
      .filter(({ id }) => own(id).narration === null)
      .map(({ id, narration }) => ({ sceneId: id, text: narration })),
    neededPictures: policy.minRealPictures - (storyboard.scenes.length - stills.length),
  });
  if (sufficient) return { ...tooDear, clips: asStills };
  const detail = `After its script, max_cost (${maxCost} CNY) does not reach for the pictures that a film needs: nothing more was bought.`;
  throw new RunFailed({ code: 'max_cost_reached', detail }, []);
}

/** Why such a scene has no picture, or no narration. */
export const TOO_DEAR: SceneFailure = {
  code: 'max_cost_reached',
  detail: 'It was not bought: with what comes before it, it would pass max_cost.',
};
