import type { GenerateVideoInput } from './generate-video.ts';

/** Composing takes about this long on a small machine: a second and a half per second of film, and a start. */
const COMPOSE_SECONDS = { perFilmSecond: 1.5, start: 10 };

/** Even a run whose deadline is past gives its branches this long: without a picture there is no film at all. */
const LEAST_MS = 5_000;

/** How long the branches may take: the policy's time, or less when a deadline leaves less before composing must start. */
export function syncTimeoutMs({ policy, spec }: GenerateVideoInput, nowMs: number): number {
  const byPolicy = policy.sync.timeoutSeconds * 1000;
  if (spec.deadline === null) return byPolicy;
  const composeMs = (COMPOSE_SECONDS.perFilmSecond * spec.durationSeconds + COMPOSE_SECONDS.start) * 1000;
  return Math.min(byPolicy, Math.max(LEAST_MS, Date.parse(spec.deadline) - nowMs - composeMs));
}
