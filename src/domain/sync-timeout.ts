import { composeMs } from './deadline.ts';
import type { GenerateVideoInput } from './generate-video.ts';

/** Even a run whose deadline is past gives its branches this long: without a picture there is no film at all. */
const LEAST_MS = 5_000;

/** How long the branches may take: the policy's time, or less when a deadline leaves less before composing must start. */
export function syncTimeoutMs({ policy, spec }: GenerateVideoInput, nowMs: number): number {
  const byPolicy = policy.sync.timeoutSeconds * 1000;
  if (spec.deadline === null) return byPolicy;
  return Math.min(byPolicy, Math.max(LEAST_MS, Date.parse(spec.deadline) - nowMs - composeMs(spec.durationSeconds)));
}
