import type { AdaptiveRateSettings } from './config-files.ts';

/** A fall is at least and at most this; between them it follows the share of calls that the provider let through. */
const GENTLEST_FALL = 0.7;
const STEEPEST_FALL = 0.1;

/** A limit that is used less than this is not what holds calls back. */
const IN_USE = 0.5;

/** More than any provider of ours is asked for: no limit. */
const HIGHEST_PER_SECOND = 50;

/** Calls a second after a provider refused some: by what was asked of it, and the share that it let through. */
export function loweredRate(
  perSecond: number,
  share: number,
  { floor_per_second: floor }: AdaptiveRateSettings,
): number {
  const factor = Math.min(Math.max(share, STEEPEST_FALL), GENTLEST_FALL);
  return rounded(Math.max(perSecond * factor, floor));
}

/** The next limit after a while without refusals; null: none. */
export function raisedRate(
  perSecond: number,
  { quietMs, dispatchedPerSecond }: { quietMs: number; dispatchedPerSecond: number },
  settings: AdaptiveRateSettings,
): number | null {
  const isIdle = dispatchedPerSecond < perSecond * IN_USE && quietMs >= settings.quiet_seconds * 1000;
  const raised = rounded(perSecond + settings.raise_by_per_second);
  return isIdle || raised > HIGHEST_PER_SECOND ? null : raised;
}

const rounded = (perSecond: number): number => Math.round(perSecond * 1000) / 1000;
