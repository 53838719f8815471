/** Whose picture is meant: what is bought for it is written there. */
export interface Described {
  tenant: string;
  videoId: string;
  sceneId: string;
  prompt: string;
}

/** What a picture's prompt shows: prompts of similar pictures point in similar directions. */
export interface Direction {
  /** Who has said it. Only directions of one model, and of as many dimensions, can be compared. */
  model: string;
  /** Of length 1. */
  values: number[];
}

export interface Embedder {
  /** The least cosine of two of its directions at which one picture is taken for the other. */
  similarEnough: number;
  /** Null when it cannot be said, or not now. */
  embed(described: Described): Promise<Direction | null>;
}

/** The same direction, of length 1; null for one that leads nowhere. */
export function unitDirection(model: string, values: readonly number[]): Direction | null {
  const length = Math.hypot(...values);
  return length === 0 ? null : { model, values: values.map((value) => value / length) };
}
