import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProviderErrorKind } from '../../domain/errors.ts';
import { classifyCapcutError } from './capcut-errors.ts';

const CASES: [status: number | null, error: string, kind: ProviderErrorKind, code: string][] = [
  [200, "Hi, the required parameters 'video_url' are missing.", 'permanent', 'MissingParameter'],
  [
    200,
    "Hi, the required parameter 'draft_id' is missing. Please add it and try again.",
    'permanent',
    'MissingParameter',
  ],
  [null, "add_text_impl() got an unexpected keyword argument 'x'", 'permanent', 'UnknownParameter'],
  [
    200,
    'Error occurred while processing video: New segment overlaps with existing segment [start: 1, end: 2].',
    'permanent',
    'SegmentOverlap',
  ],
  [200, 'Draft dfd_cat_1 does not exist in cache.', 'permanent', 'DraftLost'],
  [
    200,
    "Error occurred while processing image: HTTPSConnectionPool(host='h', port=443): Max retries exceeded.",
    'temporary_failure',
    'MediaUnreachable',
  ],
  [200, 'Error occurred while saving draft: disk.', 'temporary_failure', 'DraftFailed'],
  [200, 'Error occurred while processing video: .', 'permanent', 'SegmentRefused'],
  [200, 'Error occurred while adding effect: 不存在.', 'permanent', 'SegmentRefused'],
  [500, '<!doctype html><title>500 Internal Server Error</title>', 'permanent', 'Refused'],
  [503, '', 'temporary_failure', 'Unavailable'],
  [429, '', 'rate_limit', 'Busy'],
  [401, '', 'provider_auth', 'Refused'],
  [null, 'something else', 'temporary_failure', 'Unknown'],
];

describe('classifyCapcutError', () => {
  for (const [status, error, kind, code] of CASES)
    it(`${status} ${JSON.stringify(error)} is ${kind}`, () => {
      assert.deepEqual(classifyCapcutError({ status, error }), { kind, code });
    });
});
