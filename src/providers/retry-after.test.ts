import assert from 'node:assert/strict';
import { it } from 'node:test';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
const cases: [header: string | string[] | undefined, expected: number | null][] = [
  [undefined, null],
  ['', null],
  ['12', 12_000],
  [['3', '9'], 3_000],
  ['0', 0],
  ['999999', 3_600_000],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
  ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
  ['Thu, 21 Oct 2027 07:27:00 GMT', 3_600_000],
  ['1.5', null],
  ['-1', null],
  ['soon', null],
];
for (const [header, expected] of cases) {
  it(`Retry-After ${JSON.stringify(header)} is ${expected} ms`, () => {
    assert.equal(retryAfterMs(header, NOW), expected);
  });
}
