import type { OwnErrorCode } from './error-table.ts';

/**
 * What went wrong at a provider, in the words of the retry policy. Thrown by providers, mapped once to Temporal's
 * failures by the activity interceptor; nothing else decides about retries.
 */
export const PROVIDER_ERROR_KINDS = [
  'network_error',
  'rate_limit',
  'temporary_failure',
  'permanent',
  'content_rejected',
  'provider_auth',
  'quota',
  'outcome_unknown',
] as const;
export type ProviderErrorKind = (typeof PROVIDER_ERROR_KINDS)[number];

export interface ProviderErrorDetails {
  kind: ProviderErrorKind;
  /** `ark`, `speech`, … */
  provider: string;
  /** The provider's own code, such as `RateLimitExceeded.EndpointRPMExceeded`. */
  code: string | null;
  httpStatus: number | null;
  /** From Retry-After; wins over the policy's own delay. */
  retryAfterMs: number | null;
  /** Whether the call was, or may have been, paid for. */
  billed: 'no' | 'unknown';
  cause?: unknown;
}

export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly details: ProviderErrorDetails;

  constructor(message: string, details: ProviderErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.details = details;
  }
}

/** A fault that no repetition mends, found by our own code: an invalid storyboard, a missing file, a spent budget. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  /** Stable, in snake_case, for people and programs: it becomes the failure's type and a degradation's `why`. */
  readonly code: OwnErrorCode | ProviderErrorKind;

  constructor(code: OwnErrorCode | ProviderErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why a call is put off although nothing was tried. */
export type DeferralReason = 'circuit_open' | 'rate_limit';

/** A call that is not sent now, and that uses no attempt: nothing was written down, nothing was bought. */
export class CallDeferred extends Error {
  override readonly name = 'CallDeferred';
  readonly reason: DeferralReason;
  /** When it is worth asking again, in ms since 1970. */
  readonly until: number;

  constructor(what: string, { reason, until }: { reason: DeferralReason; until: number }) {
    super(what);
    this.reason = reason;
    this.until = until;
  }
}
