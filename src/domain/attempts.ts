/**
 * How often an activity may be put off on top of its attempts: while a circuit is open, while a provider said "not before",
 * while the database is away. Temporal counts those as attempts; ours are counted by the worker's interceptor, which ends
 * the activity when they are used up. So many deferrals are hours: time limits come first.
 */
const DEFERRALS = 1_000;

/** `maximumAttempts` for so many attempts in earnest. */
export const withDeferrals = (attempts: number): number => attempts + DEFERRALS;

/** The attempts in earnest that `maximumAttempts` stands for; null: no limit. Runs of earlier releases have no deferrals on top. */
export function attemptsIn(maximumAttempts: number | undefined): number | null {
  if (maximumAttempts === undefined || maximumAttempts === 0) return null;
  return maximumAttempts > DEFERRALS ? maximumAttempts - DEFERRALS : maximumAttempts;
}
