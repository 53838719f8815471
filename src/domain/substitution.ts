import type { AssetRef } from './asset.ts';
import type { Degradation } from './degradation.ts';
import type { PictureAsset, SceneFailure } from './outcome.ts';

export type ScenePicture =
  | { kind: 'still'; asset: AssetRef }
  | { kind: 'clip'; asset: AssetRef; durationMs: number }
  | { kind: 'title_card'; text: string };

export interface PictureWish {
  sceneId: string;
  /** What a title card would say. */
  text: string;
  /** The scene's own picture, or why it has none. */
  picture: PictureAsset | SceneFailure;
}

export const isPicture = (picture: PictureAsset | SceneFailure): picture is PictureAsset => !('code' in picture);

const shown = (picture: PictureAsset): ScenePicture =>
  'clip' in picture
    ? { kind: 'clip', asset: picture.clip, durationMs: picture.durationMs }
    : { kind: 'still', asset: picture.image };

/**
 * Gives every scene a picture: its own; else its neighbour's (the scene before, then the one after); else a title card.
 * Each substitution is told.
 */
export function substitutePictures(wishes: readonly PictureWish[]): {
  pictures: Map<string, ScenePicture>;
  degradations: Degradation[];
} {
  const pictures = new Map<string, ScenePicture>();
  const degradations: Degradation[] = [];
  wishes.forEach(({ sceneId, text, picture }, index) => {
    if (isPicture(picture)) {
      pictures.set(sceneId, shown(picture));
      return;
    }
    const { code, detail } = picture;
    const lent = [wishes[index - 1], wishes[index + 1]].flatMap((near) =>
      near !== undefined && isPicture(near.picture) ? [{ from: near.sceneId, picture: near.picture }] : [],
    )[0];
    pictures.set(sceneId, lent === undefined ? { kind: 'title_card', text } : shown(lent.picture));
    const replacedBy = lent === undefined ? 'title_card' : `picture of ${lent.from}`;
    degradations.push({ sceneId, what: 'picture', why: code, detail, replacedBy });
  });
  return { pictures, degradations };
}
