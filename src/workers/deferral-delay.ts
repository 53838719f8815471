/** Of the wait, so that all who were put off together do not come back in one moment. */
const JITTER = 0.1;
const MOST_JITTER_MS = 2_000;
/** Temporal takes 0 for "by the policy". */
const LEAST_MS = 100;

/** How long to wait for a moment, in milliseconds. */
export function deferralDelayMs(until: number, now: number, random: () => number = Math.random): number {
  const wait = Math.max(until - now, LEAST_MS);
  return Math.round(wait + random() * Math.min(wait * JITTER, MOST_JITTER_MS));
}
