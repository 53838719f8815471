import { ActivityFailure, isCancellation, log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Degradation } from '../domain/degradation.ts';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import { isPicture, type BorrowedPicture } from '../domain/substitution.ts';
import type { Material } from './decide.ts';
import { isTimeFor, leftOutForDeadline } from './extras.ts';
import * as profiles from './profiles.ts';

const { findSimilarPictures } = proxyActivities<Activities>(profiles.search);

export interface Borrowed {
  /** By scene. */
  pictures: Record<string, BorrowedPicture>;
  degradations: Degradation[];
}

const NONE: Borrowed = { pictures: {}, degradations: [] };

/**
 * For scenes that lost their picture: what earlier videos have bought for a similar prompt. Found or not, the film goes on:
 * the next link of the chain is the neighbour's picture. Inputs from before there was a catalogue look for none.
 */
export async function borrowPictures(
  input: GenerateVideoInput,
  storyboard: Storyboard,
  material: Material,
): Promise<Borrowed> {
  const { videoId, tenant, spec, canvas, policy } = input;
  const lost = new Set(material.scenes.filter(({ picture }) => !isPicture(picture)).map(({ sceneId }) => sceneId));
  if (policy.similarPictures !== true || lost.size === 0) return NONE;
  if (!isTimeFor('similar_pictures', input)) {
    const detail = 'The deadline was near: no similar picture was looked for.';
    return { ...NONE, degradations: [leftOutForDeadline({ what: 'picture', detail, replacedBy: 'neighbours' })] };
  }
  try {
    const found = await findSimilarPictures({
      ...{ videoId, tenant, canvas, aspectRatio: spec.aspectRatio, maxCost: spec.maxCost },
      ...{ style: spec.visualStyle, referenceImage: spec.referenceImage },
      scenes: storyboard.scenes
        .filter(({ id }) => lost.has(id))
        .map(({ id, imagePrompt }) => ({ sceneId: id, prompt: imagePrompt })),
    });
    return {
      ...NONE,
      pictures: Object.fromEntries(
        found.map(({ sceneId, still, from }) => [sceneId, { still, videoId: from.videoId }]),
      ),
    };
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.warn('Similar pictures could not be looked for');
    return NONE;
  }
}
