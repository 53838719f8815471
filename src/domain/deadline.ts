/** Composing takes about this long on a small machine: a second and a half per second of film, and a start. */
const COMPOSE_SECONDS = { perFilmSecond: 1.5, start: 10 };

/**
 * What a run leaves out rather than miss its deadline, in this order: each wants so much time before the deadline, counted
 * in what composing takes and seconds beside it.
 */
const EXTRAS = {
  /** Moving pictures: a provider takes one to three minutes for a clip. A still stands in its place. */
  clip: { compose: 1, seconds: 100 },
  /** A second look at the script, before branches that take some twenty seconds themselves. */
  critic: { compose: 1, seconds: 30 },
  /** A refused prompt in other words, and its picture. */
  prompt_rewrite: { compose: 1, seconds: 20 },
  /** A still for a clip that did not come. */
  still_for_clip: { compose: 1, seconds: 15 },
  /** Lines in fewer words, recorded anew. */
  shortening: { compose: 1, seconds: 12 },
  // Branches that were cut off for the deadline have taken up to eight seconds more to settle: still time for these.
  /** One question to the database. */
  similar_pictures: { compose: 0.4, seconds: 0 },
  /** Written beside the render, which it slows down a little. */
  draft: { compose: 0.25, seconds: 0 },
} as const;

export type Extra = keyof typeof EXTRAS;

/** In the order in which they are given up. */
export const EXTRAS_IN_ORDER = Object.keys(EXTRAS) as Extra[];

export interface Due {
  /** RFC 3339; null: whenever it is done. */
  deadline: string | null;
  durationSeconds: number;
}

/** Before its deadline, a film must begin to be composed this early. */
export const composeMs = (durationSeconds: number): number =>
  (COMPOSE_SECONDS.perFilmSecond * durationSeconds + COMPOSE_SECONDS.start) * 1000;

/** Whether an extra can be had without the film being late for it. Pure: workflow code asks with its own clock. */
export function hasTimeFor(extra: Extra, { deadline, durationSeconds }: Due, nowMs: number): boolean {
  if (deadline === null) return true;
  const { compose, seconds } = EXTRAS[extra];
  return Date.parse(deadline) - nowMs >= compose * composeMs(durationSeconds) + seconds * 1000;
}

/** How long a clip may be waited for: the policy's time, or less, so that a still can yet be made in its place. */
export function clipWaitMs(timeoutSeconds: number, { deadline, durationSeconds }: Due, nowMs: number): number {
  const byPolicy = timeoutSeconds * 1000;
  if (deadline === null) return byPolicy;
  const { seconds } = EXTRAS.still_for_clip;
  return Math.min(byPolicy, Math.max(0, Date.parse(deadline) - nowMs - composeMs(durationSeconds) - seconds * 1000));
}
