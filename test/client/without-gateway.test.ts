import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { builtProgram } from '../built-program.ts';

describe('a command without a gateway', () => {
  it('says that it tries again, instead of being silent, and ends at Ctrl-C', async () => {
    const url = 'http://127.0.0.1:1';
    const command = spawn(process.execPath, [builtProgram('src/cli/main.js'), 'list', '--url', url]);
    const exited = once(command, 'exit');
    let said = '';
    for await (const chunk of command.stderr.setEncoding('utf8')) {
      said += chunk as string;
      if (said.includes('\n')) break;
    }
    assert.match(said, new RegExp(`at ${url}; trying again for a while`));
    command.kill('SIGINT');
    assert.deepEqual(await exited, [null, 'SIGINT']);
  });
});
