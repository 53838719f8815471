/** RFC 7240's `wait`: longer than this, a poll is better than an open request. */
export const MAX_WAIT_SECONDS = 60;

/** Seconds that the client is willing to wait for the film; 0 when it does not say so in a way we understand. */
export function preferredWaitSeconds(prefer: string | undefined): number {
  const found = (prefer ?? '')
    .split(',')
    .map((preference) => /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;|$)/i.exec(preference)?.[1])
    .find((seconds) => seconds !== undefined);
  return Math.min(Number(found ?? 0), MAX_WAIT_SECONDS);
}
