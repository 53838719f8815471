import type { ProviderErrorKind } from '../../domain/errors.ts';

export type SpeechApi = 'v1' | 'v3';

export interface SpeechFault {
  api: SpeechApi;
  code: number;
  message: string;
}

interface SpeechErrorRule {
  api?: SpeechApi;
  /** One code, or the first digits of many. */
  code?: number | { from: number; to: number };
  /** Speech gives one code to many faults; the vendor's documents tell them apart by these words. */
  message?: RegExp;
  kind: ProviderErrorKind;
}

/** Doubao Speech's error catalogue; the first match wins, so that words stand before the code that shares them. */
const SPEECH_ERRORS: readonly SpeechErrorRule[] = [
  { message: /quota exceeded for types: \S*concurrency/i, kind: 'rate_limit' },
  { message: /quota exceeded for types: \S*_lifetime/i, kind: 'quota' },
  { message: /load grant: requested grant not found/i, kind: 'provider_auth' },
  { message: /requested resource not granted/i, kind: 'provider_auth' },
  { message: /permission denied|access denied/i, kind: 'provider_auth' },
  // Voice and cluster, or voice and resource, do not fit: worded like a server fault, but never mended by waiting.
  { message: /Init Engine Instance failed/i, kind: 'permanent' },
  { message: /resource id\b.*mismatch/i, kind: 'permanent' },
  { message: /illegal input text/i, kind: 'permanent' },

  { api: 'v1', code: 3001, kind: 'permanent' },
  { api: 'v1', code: 3003, kind: 'rate_limit' },
  { api: 'v1', code: 3005, kind: 'temporary_failure' },
  // The same reqid again; the next attempt brings a new one.
  { api: 'v1', code: 3006, kind: 'temporary_failure' },
  { api: 'v1', code: 3010, kind: 'permanent' },
  { api: 'v1', code: 3011, kind: 'permanent' },
  { api: 'v1', code: 3030, kind: 'temporary_failure' },
  { api: 'v1', code: 3031, kind: 'temporary_failure' },
  { api: 'v1', code: 3032, kind: 'temporary_failure' },
  { api: 'v1', code: 3040, kind: 'temporary_failure' },
  { api: 'v1', code: 3050, kind: 'permanent' },

  { api: 'v3', code: 40402003, kind: 'permanent' },
  { api: 'v3', code: 45000010, kind: 'provider_auth' },
  { api: 'v3', code: 45000030, kind: 'provider_auth' },
  { api: 'v3', code: 45000292, kind: 'rate_limit' },
  { api: 'v3', code: { from: 40000000, to: 49999999 }, kind: 'permanent' },
  { api: 'v3', code: { from: 50000000, to: 59999999 }, kind: 'temporary_failure' },
];

/** What a speech error means for the next attempt; null when the catalogue does not know it. */
export function classifySpeechError(fault: SpeechFault): ProviderErrorKind | null {
  return SPEECH_ERRORS.find((rule) => matches(rule, fault))?.kind ?? null;
}

function matches({ api, code, message }: SpeechErrorRule, fault: SpeechFault): boolean {
  const range = typeof code === 'number' ? { from: code, to: code } : code;
  return (
    (api ?? fault.api) === fault.api &&
    (range === undefined || (fault.code >= range.from && fault.code <= range.to)) &&
    (message?.test(fault.message) ?? true)
  );
}
