/** Whose picture is meant: what is bought for it is written there. */
export interface Described {
  tenant: string;
  videoId: string;
  sceneId: string;
  prompt: string;
}

/** Says what a picture's prompt shows as a direction: prompts of similar pictures point in similar ones. */
export interface Embedder {
  /** Kept with each direction; only those of the same model, and so of as many dimensions, can be compared. */
  model: string;
  /** The least cosine of two directions at which one picture is taken for the other. */
  similarEnough: number;
  /** Of length 1; null when it cannot be said. */
  embed(described: Described): Promise<number[] | null>;
}
