import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withVariables } from '../../src/domain/with-variables.ts';

const missing = (name: string): never => {
  throw new Error(`${name} is not set`);
};

describe('variables in a configuration file', () => {
  it('are replaced wherever a text has them', () => {
    const file = { env: { KEY: '${ARK_API_KEY}' }, args: ['--base', 'http://${HOST}:${PORT}/v3'], cwd: null, count: 1 };
    assert.deepEqual(withVariables(file, { ARK_API_KEY: 'k$1', HOST: 'h', PORT: '1' }, missing), {
      ...{ env: { KEY: 'k$1' }, args: ['--base', 'http://h:1/v3'], cwd: null, count: 1 },
    });
  });

  it('are told when they are not set, or empty', () => {
    assert.throws(() => withVariables(['${NOT_SET}'], {}, missing), /NOT_SET is not set/);
    assert.throws(() => withVariables(['${EMPTY}'], { EMPTY: '' }, missing), /EMPTY is not set/);
  });
});
