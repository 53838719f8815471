import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProviderErrorKind } from '../../domain/errors.ts';
import { classifyDoubaoMcpError } from './mcp-errors.ts';

const PYTHON_429 = `生成图片时出错: Error code: 429 - {'error': {'code': 'ModelAccountRpmRateLimitExceeded', 'message': 'x', 'type': 'TooManyRequests'}}`;
const CASES: [text: string, kind: ProviderErrorKind, code: string | null, status: number | null][] = [
  [PYTHON_429, 'rate_limit', 'ModelAccountRpmRateLimitExceeded', 429],
  [
    '创建任务失败: {"error":{"code":"InputTextSensitiveContentDetected","message":"x"}}',
    ...(['content_rejected', 'InputTextSensitiveContentDetected', null] as const),
  ],
  [
    '创建任务失败: {"error":{"code":"InternalServiceError","message":"x"}}',
    ...(['temporary_failure', 'InternalServiceError', null] as const),
  ],
  [
    '创建任务失败: {"error":{"code":"AccountOverdueError","message":"x"}}',
    ...(['provider_auth', 'AccountOverdueError', null] as const),
  ],
  // A code that nobody knows: the envelope's type stands for the status, which is not told.
  ['创建任务失败: {"error":{"code":"NewKind","message":"x","type":"TooManyRequests"}}', 'rate_limit', 'NewKind', 429],
  ['{"error":{"code":"NewKind","message":"x","type":"BadRequest"}}', 'permanent', 'NewKind', 400],
  [
    `Error code: 400 - {'error': {'code': 'InvalidParameter', 'message': "the size"}}`,
    'permanent',
    'InvalidParameter',
    400,
  ],
  [
    `Error code: 429 - {'error': {'code': 'QuotaExceeded', 'message': 'the free trial quota'}}`,
    ...(['quota', 'QuotaExceeded', 429] as const),
  ],
  // As the present client has it: the code is lost.
  ['生成图片时出错: Error code: 400 - The parameter size is not valid. Request id: 02a', 'permanent', '', 400],
  [
    '生成图片时出错: Error code: 400 - The request failed because the input text may contain sensitive information.',
    ...(['content_rejected', null, 400] as const),
  ],
  ['生成图片时出错: Error code: 429 - The request failed.', 'rate_limit', '', 429],
  ['生成图片时出错: Error code: 401 - <html>', 'provider_auth', '', 401],
  ['生成图片时出错: Error code: 408 - <html>', 'outcome_unknown', null, 408],
  ['生成图片时出错: Error code: 502 - <html>', 'outcome_unknown', null, 502],
  // Before anything was sent.
  ['network error: [Errno 111] Connection refused', 'network_error', null, null],
  ['创建任务失败: network error: Failed to establish a new connection', 'network_error', null, null],
  ["生成图片时出错: Images.generate() got an unexpected keyword argument 'seed'", 'network_error', null, null],
  ['Unknown tool: text_to_image', 'network_error', null, null],
  ['Error executing tool text_to_image: 1 validation error for text_to_imageArguments', 'network_error', null, null],
  ['创建任务失败: API key is required (set ARK_API_KEY)', 'provider_auth', 'ApiKeyMissing', null],
  ['network error: read timed out', 'outcome_unknown', 'NetworkError', null],
  ['生成图片时出错: Connection error.', 'outcome_unknown', 'NetworkError', null],
  ['未获取到任务ID', 'outcome_unknown', null, null],
  ['', 'outcome_unknown', null, null],
];

describe('classifyDoubaoMcpError', () => {
  for (const [error, kind, code, status] of CASES)
    it(`${JSON.stringify(error)} is ${kind}`, () => {
      assert.deepEqual(classifyDoubaoMcpError({ error }), { kind, code, status });
    });
});
