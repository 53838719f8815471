import type { GenerateVideoInput } from '../domain/generate-video.ts';
import { ownMaterialOf } from '../domain/material-of-scene.ts';
import type { Storyboard } from '../domain/storyboard.ts';

/** All of them, or, where nothing is to be spoken by a voice, those that the user has recorded. */
export function spokenScenes({ spec }: GenerateVideoInput, storyboard: Storyboard): Storyboard['scenes'] {
  return storyboard.scenes.filter(({ id }) => spec.enableTts || ownMaterialOf(spec.ownMaterial, id).narration !== null);
}
