import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import type { SimilarPicture } from '../store/still-catalogue.ts';
import { boughtEmbedder } from './bought-embedder.ts';
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
  /** For the embeddings, where they are bought. Not in older inputs, which buy none. */
  maxCost?: number | null;
}

/** The answer is welcome, not needed, and the film waits for all of this five seconds at most. */
const EMBEDDING_WAIT_MS = 2_500;

/** For scenes without a picture: one that this tenant has bought before. Buys no picture. */
export function createSimilarPictureActivities(deps: ActivityDeps) {
  async function findSimilarPictures(input: FindSimilarPicturesInput): Promise<SimilarPicture[]> {
    const { maxCost } = input;
    return deps.stills.findSimilar(input, boughtEmbedder(deps, { maxCost, waitMs: EMBEDDING_WAIT_MS }));
  }

  return { findSimilarPictures };
}
