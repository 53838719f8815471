import type { ProviderErrorKind } from '../../domain/errors.ts';

/** The code that we give to Ark's 400 about `response_format.type`: this model takes no JSON Schema; ask for an object. */
export const RESPONSE_FORMAT_UNSUPPORTED = 'ResponseFormatUnsupported';

export interface ArkFault {
  status: number;
  code: string;
  message: string;
}

interface ArkErrorRule {
  /** A whole code, or the family before its first dot. */
  code: string | RegExp;
  status?: number;
  /** Only where Ark gives one code to two meanings. */
  message?: RegExp;
  kind: ProviderErrorKind;
  /** Our name for it, where the caller must be able to tell it apart. */
  as?: string;
}

/** Ark's error catalogue; the first match wins, so exceptions stand before their family. */
const ARK_ERRORS: readonly ArkErrorRule[] = [
  // What was asked for, or what was made, is not allowed.
  { code: /SensitiveContentDetected(\.|$)/, kind: 'content_rejected' },
  { code: /RiskDetection(\.|$)/, kind: 'content_rejected' },
  { code: 'ContentSecurityDetectionError', kind: 'temporary_failure' },

  // Limits: waiting helps, but not against a spent allowance.
  { code: 'SetLimitExceeded', kind: 'quota' },
  { code: 'QuotaExceeded.AgentPlanQuotaExceeded', kind: 'quota' },
  { code: 'AgentPlanQuotaExceeded', kind: 'quota' },
  { code: 'QuotaExceeded', message: /\b(free|trial)\b/i, kind: 'quota' },
  { code: 'QuotaExceeded', kind: 'rate_limit' },
  { code: /RateLimitExceeded(\.|$)/, kind: 'rate_limit' },
  { code: 'ServerOverloaded', kind: 'rate_limit' },
  { code: 'RequestBurstTooFast', kind: 'rate_limit' },
  { code: 'InflightBatchsizeExceeded', kind: 'rate_limit' },

  // The account: an operator has to act.
  { code: 'AuthenticationError', kind: 'provider_auth' },
  { code: 'InvalidAccountStatus', kind: 'provider_auth' },
  { code: 'InvalidSubscription', kind: 'provider_auth' },
  { code: 'AccessDenied', kind: 'provider_auth' },
  { code: 'AccountOverdueError', kind: 'provider_auth' },
  { code: 'OperationDenied', kind: 'provider_auth' },
  { code: 'ModelNotOpen', kind: 'provider_auth' },
  { code: 'UnsupportedModel', kind: 'provider_auth' },

  // The request: it will never be right.
  {
    code: 'InvalidParameter',
    status: 400,
    message: /response_format\.type/,
    kind: 'permanent',
    as: RESPONSE_FORMAT_UNSUPPORTED,
  },
  { code: 'InvalidParameter', kind: 'permanent' },
  { code: 'MissingParameter', kind: 'permanent' },
  { code: 'InvalidArgumentError', kind: 'permanent' },
  { code: 'InvalidImageURL', kind: 'permanent' },
  { code: 'OutofContextError', kind: 'permanent' },
  { code: 'InvalidEndpoint', kind: 'permanent' },
  { code: 'InvalidEndpointOrModel', kind: 'permanent' },
  { code: 'NotFound', kind: 'permanent' },

  { code: 'InternalServiceError', kind: 'temporary_failure' },
];

/** What an Ark error means for the next attempt. Unknown suffixes count as their family, unknown codes by status. */
export function classifyArkError(fault: ArkFault): { kind: ProviderErrorKind; code: string } {
  const rule = ARK_ERRORS.find((candidate) => matches(candidate, fault));
  return { kind: rule?.kind ?? kindByStatus(fault.status), code: rule?.as ?? fault.code };
}

function matches({ code, status, message }: ArkErrorRule, fault: ArkFault): boolean {
  const codeFits =
    typeof code === 'string' ? fault.code === code || fault.code.startsWith(`${code}.`) : code.test(fault.code);
  return codeFits && (status ?? fault.status) === fault.status && (message?.test(fault.message) ?? true);
}

function kindByStatus(status: number): ProviderErrorKind {
  if (status === 429) return 'rate_limit';
  if (status === 401 || status === 403) return 'provider_auth';
  if (status === 408 || status === 409) return 'temporary_failure';
  if (status >= 400 && status < 500) return 'permanent';
  // 5xx; and 200 with an error inside, which is about this one attempt.
  return 'temporary_failure';
}
