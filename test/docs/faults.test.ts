import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const project = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, project), 'utf8');

/** `[file](../file) “name”, “name”`: a test file, and tests in it by the names they have in its source. */
const SHOWN = /\[([^\]]+\.test\.ts)\]\(\.\.\/([^)]+)\) ((?:“[^”]+”(?:, )?)+)/g;

describe('the page of faults', () => {
  const rows = read('docs/faults.md')
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| (#|-)/.test(line));

  it('names for each fault a test, or says that there is none', () => {
    assert.ok(rows.length >= 40, `${rows.length} rows`);
    const silent = rows.filter((row) => !row.includes('**none**') && [...row.matchAll(SHOWN)].length === 0);
    assert.deepEqual(silent, []);
  });

  it('names tests that exist', () => {
    const missing: string[] = [];
    for (const [, label, file = '', names = ''] of rows.join('\n').matchAll(SHOWN)) {
      assert.equal(label, file);
      const source = read(file);
      for (const [, name = ''] of names.matchAll(/“([^”]+)”/g))
        if (!source.includes(`it('${name}'`) && !source.includes(`it(\`${name}\``) && !isOnItsOwnLine(source, name))
          missing.push(`${file}: ${name}`);
    }
    assert.deepEqual(missing, []);
  });
});

/** As the formatter writes a long name. */
const isOnItsOwnLine = (source: string, name: string): boolean =>
  [`'${name}',`, `\`${name}\`,`].some((line) => source.includes(`\n    ${line}`));
