import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config.ts';
import { meaningOf, OWN_ERRORS, PROVIDER_ERRORS } from '../../src/domain/error-table.ts';
import { PROVIDER_ERROR_KINDS } from '../../src/domain/errors.ts';

const BREAKS = { channel_and_service: 'channel, service', service: 'service', nothing: '–' };

const providerRows = PROVIDER_ERROR_KINDS.map((kind) => {
  const { meaning, category, severity, recoveryStrategy, retry, billed, breaks } = PROVIDER_ERRORS[kind];
  return [
    ...[`\`${kind}\``, meaning, category, severity, `\`${recoveryStrategy}\``],
    ...[retry === null ? 'none' : `\`${retry}\``, billed, BREAKS[breaks]],
  ];
});
const ownRows = Object.entries(OWN_ERRORS).map(([code, { meaning, category, severity, recoveryStrategy }]) => [
  ...[`\`${code}\``, meaning, category, severity, `\`${recoveryStrategy}\``],
]);

/** The cells of the page's table under these headings. */
function tableOf(page: string, headings: string[]): string[][] {
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const lines = page.split('\n');
  const start = lines.findIndex((line) => JSON.stringify(cells(line)) === JSON.stringify(headings));
  assert.notEqual(start, -1, `no table with ${headings.join(', ')}`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map(cells);
}

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

  it('has every error of the table, as it is there', () => {
    const common = ['meaning', 'category', 'severity', 'recovery'];
    assert.deepEqual(tableOf(page, ['kind', ...common, 'retry', 'billed', 'feeds the breaker of']), providerRows);
    assert.deepEqual(tableOf(page, ['code', ...common]), ownRows);
  });

  it('has the retry strategies of the configuration', () => {
    const strategies = loadConfig({}).errorHandling.retry_strategies;
    assert.deepEqual(
      tableOf(page, ['strategy', 'attempts', 'delay before the next']).map(([name, attempts]) => [name, attempts]),
      Object.entries(strategies).map(([name, { max_attempts: attempts }]) => [`\`${name}\``, String(attempts)]),
    );
  });
});

describe('what a code means', () => {
  it('is known for every kind; only what may pass is tried again', () => {
    for (const kind of PROVIDER_ERROR_KINDS) {
      const { category, retry } = PROVIDER_ERRORS[kind];
      assert.deepEqual(meaningOf(kind), PROVIDER_ERRORS[kind]);
      assert.equal(retry !== null, category === 'TEMPORARY', kind);
    }
  });

  it('is a fault of ours where nobody knows it', () => {
    assert.deepEqual(meaningOf('never_heard_of'), OWN_ERRORS.internal_error);
  });
});
