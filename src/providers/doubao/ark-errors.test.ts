import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProviderErrorKind } from '../../domain/errors.ts';
import { classifyArkError, RESPONSE_FORMAT_UNSUPPORTED } from './ark-errors.ts';

type Row = [status: number, code: string, kind: ProviderErrorKind, message?: string];

/** The vendor's catalogue, row by row. */
const CATALOGUE: Row[] = [
  [400, 'MissingParameter', 'permanent'],
  [400, 'MissingParameter.model', 'permanent'],
  [400, 'InvalidParameter', 'permanent'],
  [400, 'InvalidParameter.UnsupportedParameter', 'permanent'],
  [400, 'InvalidParameter.OversizedImage', 'permanent'],
  [400, 'InvalidArgumentError.UnknownRole', 'permanent'],
  [400, 'InvalidImageURL.EmptyURL', 'permanent'],
  [400, 'OutofContextError', 'permanent'],
  [400, 'InvalidEndpoint.ClosedEndpoint', 'permanent'],
  [400, 'InputTextSensitiveContentDetected', 'content_rejected'],
  [400, 'InputImageSensitiveContentDetected.PrivacyInformation', 'content_rejected'],
  [400, 'InputTextSensitiveContentDetected.PolicyViolation', 'content_rejected'],
  [400, 'OutputTextSensitiveContentDetected', 'content_rejected'],
  [400, 'OutputImageSensitiveContentDetected', 'content_rejected'],
  [400, 'OutputVideoSensitiveContentDetected.PolicyViolation', 'content_rejected'],
  [400, 'SensitiveContentDetected', 'content_rejected'],
  [400, 'SensitiveContentDetected.SevereViolation', 'content_rejected'],
  [400, 'InputTextRiskDetection', 'content_rejected'],
  [400, 'OutputImageRiskDetection', 'content_rejected'],
  [400, 'ContentSecurityDetectionError', 'temporary_failure'],
  [400, 'InvalidSubscription', 'provider_auth'],
  [401, 'AuthenticationError', 'provider_auth'],
  [401, 'InvalidAccountStatus', 'provider_auth'],
  [403, 'AccessDenied', 'provider_auth'],
  [403, 'AccountOverdueError', 'provider_auth'],
  [403, 'OperationDenied.ServiceOverdue', 'provider_auth'],
  [403, 'OperationDenied.ServiceNotOpen', 'provider_auth'],
  [404, 'InvalidEndpointOrModel.NotFound', 'permanent'],
  [404, 'InvalidEndpointOrModel.ModelIDAccessDisabled', 'permanent'],
  [404, 'ModelNotOpen', 'provider_auth'],
  [404, 'NotFound.task', 'permanent'],
  [404, 'UnsupportedModel', 'provider_auth'],
  [429, 'RateLimitExceeded.EndpointRPMExceeded', 'rate_limit'],
  [429, 'RateLimitExceeded.EndpointTPMExceeded', 'rate_limit'],
  [429, 'ModelAccountRpmRateLimitExceeded', 'rate_limit'],
  [429, 'ModelAccountIpmRateLimitExceeded', 'rate_limit'],
  [429, 'APIAccountRpmRateLimitExceeded', 'rate_limit'],
  [429, 'AccountRateLimitExceeded', 'rate_limit'],
  [429, 'ServerOverloaded', 'rate_limit'],
  [429, 'RequestBurstTooFast', 'rate_limit'],
  [429, 'InflightBatchsizeExceeded', 'rate_limit'],
  [429, 'QuotaExceeded', 'rate_limit', 'too many queued tasks'],
  [429, 'QuotaExceeded', 'quota', 'Your free quota has been used up'],
  [429, 'QuotaExceeded', 'quota', 'The trial allowance is spent'],
  [429, 'QuotaExceeded.AgentPlanQuotaExceeded', 'quota'],
  [429, 'SetLimitExceeded', 'quota'],
  [500, 'InternalServiceError', 'temporary_failure'],
  // Not in the catalogue: judged by status.
  [429, 'SomethingNew', 'rate_limit'],
  [403, 'SomethingNew', 'provider_auth'],
  [400, 'SomethingNew', 'permanent'],
  [503, 'SomethingNew', 'temporary_failure'],
  // Inside a 200 only the code speaks.
  [200, 'RateLimitExceeded.EndpointRPMExceeded', 'rate_limit'],
  [200, 'InvalidParameter', 'permanent'],
  [200, 'AuthenticationError', 'provider_auth'],
  [200, 'SetLimitExceeded', 'quota'],
  [200, 'SomethingNew', 'temporary_failure'],
];

describe('classifyArkError', () => {
  for (const [status, code, kind, message = ''] of CATALOGUE) {
    it(`${status} ${code} ${message} is ${kind}`, () => {
      assert.deepEqual(classifyArkError({ status, code, message }), { kind, code });
    });
  }

  it('names the refusal of a JSON Schema, so that the caller can ask for an object', () => {
    const message = 'The parameter `response_format.type` specified in the request is not valid: json_schema';
    assert.deepEqual(classifyArkError({ status: 400, code: 'InvalidParameter', message }), {
      kind: 'permanent',
      code: RESPONSE_FORMAT_UNSUPPORTED,
    });
  });
});
