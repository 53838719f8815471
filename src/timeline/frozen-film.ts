import { z } from 'zod';
import { AssetRef } from '../domain/asset.ts';
import { FRAME_RATES } from '../domain/canvas.ts';
import { LABEL_POSITIONS } from '../domain/config-files.ts';
import type { ScenePicture } from '../domain/substitution.ts';
import { WordTiming } from '../domain/word-timing.ts';
import type { BuildInput } from './build.ts';
import { MusicSource } from './timeline.ts';

/**
 * All of a film but its pictures, once its narration is measured: no scene's length, cut or caption changes from here on,
 * whatever the pictures will be.
 */
export const FrozenFilm = z.strictObject({
  canvas: z.strictObject({ width: z.int().positive(), height: z.int().positive() }),
  fps: z.literal(FRAME_RATES),
  durationSeconds: z.number().positive(),
  captions: z.enum(['karaoke', 'line', 'none']),
  title: z.string(),
  language: z.string(),
  music: MusicSource.nullable(),
  label: z
    .strictObject({ text: z.string(), seconds: z.number(), position: z.enum(LABEL_POSITIONS), textHeight: z.number() })
    .nullable(),
  scenes: z.array(
    z.strictObject({
      sceneId: z.string(),
      narration: z.string(),
      audio: z
        .strictObject({ asset: AssetRef, durationMs: z.number(), words: WordTiming.array(), wordsAsset: AssetRef })
        .nullable(),
      onScreenText: z.string().nullable(),
    }),
  ),
});
export type FrozenFilm = z.infer<typeof FrozenFilm>;

/** The film with these pictures; a card stands where there is none yet. */
export function withPictures(frozen: FrozenFilm, pictures: ReadonlyMap<string, ScenePicture>): BuildInput {
  const scenes = frozen.scenes.map((scene) => ({
    ...scene,
    picture: pictures.get(scene.sceneId) ?? ({ kind: 'title_card', text: scene.narration } as const),
  }));
  return { ...frozen, scenes };
}
