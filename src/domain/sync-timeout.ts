import { composeMs } from './deadline.ts';
import type { GenerateVideoInput } from './generate-video.ts';

/** Even a run whose deadline is past gives its branches this long: without a picture there is no film at all. */
const LEAST_MS = 5_000;

/** How long the branches may take: the policy's time, or less when a deadline leaves less before composing must start. */
export function syncTimeoutMs({ policy, spec }: GenerateVideoInput, nowMs: number): number {
  return Math.min(policy.sync.timeoutSeconds * 1000, Math.max(LEAST_MS, leftMs(spec, nowMs)));
}

/**
 * How much longer the branches may take when calls of theirs stood in line behind other films until `agoMs` before now: as
 * long as if they had begun then. 0: they are late all the same.
 */
export function timeAfterLineMs(
  { policy, spec }: GenerateVideoInput,
  { agoMs, nowMs }: { agoMs: number; nowMs: number },
): number {
  return Math.max(0, Math.min(policy.sync.timeoutSeconds * 1000 - agoMs, leftMs(spec, nowMs)));
}

const leftMs = ({ deadline, durationSeconds }: GenerateVideoInput['spec'], nowMs: number): number =>
  deadline === null ? Infinity : Date.parse(deadline) - nowMs - composeMs(durationSeconds);
