import type { AssetRef } from './asset.ts';
import type { Degradation } from './degradation.ts';
import type { PictureAsset, SceneFailure, StillAsset } from './outcome.ts';
import type { PictureOrigin } from './quality.ts';

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
  /** What an earlier video has bought for a similar prompt. */
  similar?: BorrowedPicture | undefined;
}

/** A picture of another video. */
export interface BorrowedPicture {
  still: StillAsset;
  videoId: string;
}

interface Substitute {
  source: Exclude<PictureOrigin, 'own' | 'uploaded'>;
  picture: ScenePicture;
  replacedBy: string;
}

export const isPicture = (picture: PictureAsset | SceneFailure): picture is PictureAsset => !('code' in picture);

/** A picture as the film shows it. */
export const shown = (picture: PictureAsset): ScenePicture =>
  'clip' in picture
    ? { kind: 'clip', asset: picture.clip, durationMs: picture.durationMs }
    : { kind: 'still', asset: picture.image };

/**
 * Gives every scene a picture: its own; else a similar one of an earlier video; else its neighbour's (the scene before,
 * then the one after); else a title card. Each substitution is told.
 */
export function substitutePictures(wishes: readonly PictureWish[]): {
  pictures: Map<string, ScenePicture>;
  degradations: Degradation[];
  /** By scene, of those that do not show their own. */
  substitutes: Map<string, Substitute['source']>;
} {
  const pictures = new Map<string, ScenePicture>();
  const degradations: Degradation[] = [];
  const substitutes = new Map<string, Substitute['source']>();
  wishes.forEach((wish, index) => {
    const { sceneId, picture } = wish;
    if (isPicture(picture)) {
      pictures.set(sceneId, shown(picture));
      return;
    }
    const { code, detail } = picture;
    const { source, picture: instead, replacedBy } = substituteFor(wish, [wishes[index - 1], wishes[index + 1]]);
    pictures.set(sceneId, instead);
    substitutes.set(sceneId, source);
    degradations.push({ sceneId, what: 'picture', why: code, detail, replacedBy });
  });
  return { pictures, degradations, substitutes };
}

function substituteFor({ text, similar }: PictureWish, nearby: (PictureWish | undefined)[]): Substitute {
  if (similar !== undefined) {
    const replacedBy = `similar picture of video ${similar.videoId}`;
    return { source: 'similar', picture: shown(similar.still), replacedBy };
  }
  for (const near of nearby)
    if (near !== undefined && isPicture(near.picture))
      return { source: 'neighbour', picture: shown(near.picture), replacedBy: `picture of ${near.sceneId}` };
  return { source: 'title_card', picture: { kind: 'title_card', text }, replacedBy: 'title_card' };
}
