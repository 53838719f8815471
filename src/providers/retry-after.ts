/** Beyond this a header is a mistake or a ban, and no plan of ours waits so long: one hour. */
const LONGEST_WAIT_MS = 3_600_000;

/** Retry-After as milliseconds from now, `longestMs` at most: whole seconds or an HTTP-date; null when absent or neither. */
export function retryAfterMs(
  header: string | string[] | undefined,
  now = Date.now(),
  longestMs = LONGEST_WAIT_MS,
): number | null {
  const value = (Array.isArray(header) ? header[0] : header)?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, longestMs);
  // Date.parse alone would take a bare number such as "1.5" for a year.
  const date = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.min(Math.max(date - now, 0), longestMs);
}
