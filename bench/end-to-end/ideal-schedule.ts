/** A piece of the film that the one encoder makes, and when all that it needs is there. Seconds, from any one zero. */
export interface Piece {
  readyAt: number;
  seconds: number;
}

/**
 * When one encoder is done that starts each piece the moment its inputs exist, or as soon after as it is free. Taking
 * them in the order in which they become ready keeps it busy whenever it can be, so no other order ends sooner.
 */
export function encodedAt(pieces: readonly Piece[]): number {
  const inOrder = [...pieces].sort((a, b) => a.readyAt - b.readyAt);
  return inOrder.reduce((freeAt, { readyAt, seconds }) => Math.max(freeAt, readyAt) + seconds, 0);
}
