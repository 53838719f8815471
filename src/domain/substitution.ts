import type { AssetRef } from './asset.ts';
import type { Degradation } from './degradation.ts';
import type { SceneFailure, StillAsset } from './outcome.ts';

export type ScenePicture = { kind: 'still'; asset: AssetRef } | { kind: 'title_card'; text: string };

export interface PictureWish {
  sceneId: string;
  /** What a title card would say. */
  text: string;
  /** The scene's own picture, or why it has none. */
  picture: StillAsset | SceneFailure;
}

const isStill = (picture: StillAsset | SceneFailure): picture is StillAsset => 'image' in picture;

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
  wishes.forEach((wish, index) => {
    if (isStill(wish.picture)) {
      pictures.set(wish.sceneId, { kind: 'still', asset: wish.picture.image });
      return;
    }
    const { code, detail } = wish.picture;
    const neighbour = [wishes[index - 1], wishes[index + 1]].find(
      (near) => near !== undefined && isStill(near.picture),
    );
    const still = neighbour?.picture;
    const borrowed = still !== undefined && isStill(still);
    pictures.set(
      wish.sceneId,
      borrowed ? { kind: 'still', asset: still.image } : { kind: 'title_card', text: wish.text },
    );
    const replacedBy = borrowed ? `picture of ${neighbour?.sceneId}` : 'title_card';
    degradations.push({ sceneId: wish.sceneId, what: 'picture', why: code, detail, replacedBy });
  });
  return { pictures, degradations };
}
