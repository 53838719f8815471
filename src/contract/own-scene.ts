import { z } from 'zod';
import { sceneCount } from '../domain/script-plan.ts';
import { MAX_SCENES } from '../domain/storyboard.ts';

const SCENE = { error: `must be a whole number from 1 to ${MAX_SCENES}, counted from the film's first scene` };
const TEXT = { error: 'must be a text of 1 to 400 characters' };
const ASSET = { error: 'must be the id (64 hexadecimal digits) of an asset from POST /api/v1/assets' };

export const OwnAsset = z
  .string(ASSET)
  .regex(/^[0-9a-f]{64}$/, ASSET)
  .nullable()
  .default(null);

/** A scene for which a user brings something of their own. */
export const OwnScene = z
  .strictObject({
    scene: z.int(SCENE).min(1, SCENE).max(MAX_SCENES, SCENE).describe('Which scene, counted from 1.'),
    text: z
      .string(TEXT)
      .trim()
      .min(1, TEXT)
      .max(400, TEXT)
      .refine((text) => text === '' || /[\p{L}\p{N}]/u.test(text), { error: 'has nothing to speak: send words' })
      .nullable()
      .default(null)
      .describe('Narration and caption of the scene, in place of the script’s.'),
    picture: OwnAsset.describe('Id of an uploaded picture; none is bought then.'),
    clip: OwnAsset.describe(
      'Id of an uploaded clip, shown in place of a picture; its sound is not used. Cut where it is longer than the scene.',
    ),
    narration: OwnAsset.describe('Id of an uploaded recording of `text`.'),
  })
  .meta({ id: 'OwnScene' });

const MOST_SCENES = { error: `must have at most ${MAX_SCENES} scenes` };
export const OwnScenes = z
  .array(OwnScene, { error: 'must be a list of scenes' })
  .max(MAX_SCENES, MOST_SCENES)
  .nullish()
  .transform((scenes) => scenes ?? [])
  .meta({ override: { default: [] } });

interface Film {
  duration: number;
  scenes: z.infer<typeof OwnScenes>;
}

export interface OwnSceneFault {
  path: (string | number)[];
  message: string;
}

/** What only shows when the scenes are seen together, and beside the film's length. */
export function ownSceneFaults({ duration, scenes }: Film): OwnSceneFault[] {
  const count = sceneCount(duration);
  return scenes.flatMap(({ scene, text, picture, clip, narration }, index): OwnSceneFault[] => {
    const at = (field: string, message: string): OwnSceneFault => ({ path: ['scenes', index, field], message });
    return [
      ...(scene > count ? [at('scene', `is beyond the film: ${duration} s have ${count} scenes`)] : []),
      ...(scenes.findIndex((other) => other.scene === scene) < index
        ? [at('scene', 'is there twice: send it once')]
        : []),
      ...(narration !== null && text === null
        ? [at('text', 'is required with narration: what the recording says')]
        : []),
      ...(picture !== null && clip !== null ? [at('clip', 'stands in place of a picture: send one of the two')] : []),
      ...(text === null && picture === null && clip === null && narration === null
        ? [at('scene', 'has nothing of its own: send text, picture, clip or narration, or leave the scene out')]
        : []),
    ];
  });
}
