import { ProviderError, type ProviderErrorKind } from '../../domain/errors.ts';

/** What CapCutAPI says when something failed: HTTP 200 or an MCP result with `success: false`, and a text. */
export interface CapcutFault {
  /** Null over MCP. */
  status: number | null;
  error: string;
}

interface CapcutErrorRule {
  error: RegExp;
  kind: ProviderErrorKind;
  /** Our name for it: CapCutAPI has no codes. */
  code: string;
}

/** JianYing and CapCut name their transitions differently, and a server knows the names of one of the two. */
export const UNKNOWN_TRANSITION = 'UnknownTransition';

/** CapCutAPI's error texts, by their stable beginnings; the first match wins. Nothing there is paid. */
const CAPCUT_ERRORS: readonly CapcutErrorRule[] = [
  { error: /^Hi, the required parameters? /, kind: 'permanent', code: 'MissingParameter' },
  { error: /got an unexpected keyword argument/, kind: 'permanent', code: 'UnknownParameter' },
  { error: /New segment overlaps with existing segment/, kind: 'permanent', code: 'SegmentOverlap' },
  // Drafts live in its memory: it was restarted. A draft begun anew is the way on, not the same call again.
  { error: /^Draft \S+ does not exist in cache/, kind: 'permanent', code: 'DraftLost' },
  { error: /Unsupported transition type/, kind: 'permanent', code: UNKNOWN_TRANSITION },
  // Its MCP server starts without what it is made of, and says so only now.
  { error: /^CapCut modules not available/, kind: 'temporary_failure', code: 'NotInstalled' },
  // It fetches the media itself.
  {
    error:
      /(ConnectionError|Connection (refused|reset|aborted)|Max retries exceeded|timed out|HTTPSConnectionPool|HTTPConnectionPool)/i,
    kind: 'temporary_failure',
    code: 'MediaUnreachable',
  },
  {
    error: /^Error occurred while (saving draft|querying (script|task status)|creating draft)/,
    kind: 'temporary_failure',
    code: 'DraftFailed',
  },
  // What is wrong with a clip, an effect or a text stays wrong.
  { error: /^Error occurred while (processing|adding) /, kind: 'permanent', code: 'SegmentRefused' },
];

/** What it means for the next attempt. A 500 page is a fault in its own code: the same request ends there again. */
export function classifyCapcutError({ status, error }: CapcutFault): { kind: ProviderErrorKind; code: string } {
  const rule = CAPCUT_ERRORS.find((candidate) => candidate.error.test(error));
  if (rule !== undefined) return { kind: rule.kind, code: rule.code };
  if (status === 429) return { kind: 'rate_limit', code: 'Busy' };
  if (status === 401 || status === 403) return { kind: 'provider_auth', code: 'Refused' };
  if (status !== null && status >= 502) return { kind: 'temporary_failure', code: 'Unavailable' };
  if (status !== null && status >= 400) return { kind: 'permanent', code: 'Refused' };
  return { kind: 'temporary_failure', code: 'Unknown' };
}

/** What CapCutAPI itself said is in no message: it quotes paths and addresses. */
export const capcutError = (
  { kind, code }: { kind: ProviderErrorKind; code: string | null },
  what: string,
  { httpStatus = null, retryAfterMs = null }: { httpStatus?: number | null; retryAfterMs?: number | null } = {},
): ProviderError =>
  new ProviderError(`CapCutAPI ${what}${code === null ? '' : ` (${code})`}`, {
    ...{ kind, code, httpStatus, retryAfterMs },
    provider: 'capcut',
    billed: 'no',
  });
