import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import type { SimilarPicture } from '../store/still-catalogue.ts';
import type { ActivityDeps } from './deps.ts';

export interface FindSimilarPicturesInput {
  videoId: string;
  tenant: string;
  aspectRatio: AspectRatio;
  canvas: Canvas;
  style: string | null;
  referenceImage: string | null;
  /** Those that lost their picture. */
  scenes: { sceneId: string; prompt: string }[];
}

/** For scenes without a picture: one that this tenant has bought before. Buys nothing. */
export function createSimilarPictureActivities(deps: ActivityDeps) {
  async function findSimilarPictures(input: FindSimilarPicturesInput): Promise<SimilarPicture[]> {
    return deps.stills.findSimilar(input);
  }

  return { findSimilarPictures };
}
