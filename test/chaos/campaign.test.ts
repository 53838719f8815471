import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WEAKNESSES } from './weaknesses.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

describe('the fault campaign', () => {
  it('finds every promise kept', { timeout: 1_500_000 }, async () => {
    const args = ['scripts/run.mjs', 'chaos', '--short', '--seed', '1'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PROJECT }).catch(
      (error: { stdout?: string; stderr?: string }) => assert.fail(`${error.stdout}\n${error.stderr}`),
    );
    assert.match(stdout, /^seed 1, \d+ s, 9 orders/);
    assert.match(stdout, /Every promise was kept\.\n$/);
    assert.doesNotMatch(stdout, /^yes +0 +(every accepted|every run|nothing is bought twice|every film)/m);
  });

  for (const { name, file, from } of WEAKNESSES) {
    it(`can be shown to fail: ${name}`, () => {
      const parts = readFileSync(`${PROJECT}/${file}`, 'utf8').split(from);
      assert.equal(parts.length, 2, `what is to be taken out stands once in ${file}`);
    });
  }
});
