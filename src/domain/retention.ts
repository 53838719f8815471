const DAY_MS = 24 * 60 * 60_000;

/** Nothing younger is removed: a put may not be referred to yet, and no run lasts this long between put and reference. */
export const GRACE_MS = DAY_MS;

/**
 * Videos that ended before this, and what only they need, are not kept; null: all are, for ever. Whoever makes rows of
 * ended videos asks the same, so that what is pruned does not come back.
 */
export function keptSince({ retentionDays, now }: { retentionDays: number; now: Date }): Date | null {
  if (retentionDays === 0) return null;
  return new Date(now.getTime() - Math.max(retentionDays * DAY_MS, GRACE_MS));
}
