/** A foreign code or request id as it may stand in a message of ours: short, and of harmless characters; else null. */
export function printable(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  return /^[\w.-]{1,120}$/.exec(String(value))?.[0] ?? null;
}

/** `ECONNRESET`, `UND_ERR_SOCKET`, … Errors of the network are not kept themselves: some quote the answer. */
export function systemCode(cause: unknown): string | null {
  return printable((cause as { code?: unknown } | null | undefined)?.code);
}
