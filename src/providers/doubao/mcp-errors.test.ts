import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProviderErrorKind } from '../../domain/errors.ts';
import { classifyDoubaoMcpError } from './mcp-errors.ts';

const PYTHON_429 = `生成图片时出错: Error code: 429 - {'error': {'code': 'ModelAccountRpmRateLimitExceeded', 'message': 'x', 'type': 'TooManyRequests'}}`;
const CASES: [text: string, kind: ProviderErrorKind, code: string | null][] = [
  [PYTHON_429, 'rate_limit', 'ModelAccountRpmRateLimitExceeded'],
  [
    '创建任务失败: {"error":{"code":"InputTextSensitiveContentDetected","message":"x"}}',
    'content_rejected',
    'InputTextSensitiveContentDetected',
  ],
  [
    '创建任务失败: {"error":{"code":"InternalServiceError","message":"x"}}',
    'temporary_failure',
    'InternalServiceError',
  ],
  ['创建任务失败: {"error":{"code":"AccountOverdueError","message":"x"}}', 'provider_auth', 'AccountOverdueError'],
  [`Error code: 400 - {'error': {'code': 'InvalidParameter', 'message': "the size"}}`, 'permanent', 'InvalidParameter'],
  [
    `Error code: 429 - {'error': {'code': 'QuotaExceeded', 'message': 'the free trial quota'}}`,
    'quota',
    'QuotaExceeded',
  ],
  ['生成图片时出错: Error code: 401 - <html>', 'provider_auth', ''],
  ['生成图片时出错: Error code: 502 - <html>', 'outcome_unknown', null],
  ['network error: [Errno 111] Connection refused', 'network_error', null],
  ['network error: read timed out', 'outcome_unknown', 'NetworkError'],
  ['生成图片时出错: Connection error.', 'outcome_unknown', 'NetworkError'],
  ['', 'outcome_unknown', null],
];

describe('classifyDoubaoMcpError', () => {
  for (const [error, kind, code] of CASES)
    it(`${JSON.stringify(error)} is ${kind}`, () => {
      assert.deepEqual(classifyDoubaoMcpError({ error }), { kind, code });
    });
});
