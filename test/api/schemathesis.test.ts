import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@temporalio/client';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { pythonPackage } from '../python-package.ts';
import { startTestGateway, type TestGateway } from './harness.ts';
import { startTemporal, temporalClient } from './temporal-server.ts';

/** A few of each operation: enough to see an undocumented answer, and over in under a minute. For more, raise it by hand. */
const EXAMPLES = process.env['SCHEMATHESIS_EXAMPLES'] ?? '5';
/** Streams, which end when whoever asks has enough, and /ready, which truly answers 503 where no worker is. */
const NOT_ASKED = '/(events|live|ready)$';

describe('schemathesis, a tester of APIs that is not ours, by openapi.json alone', () => {
  let program = '';
  let temporal: Awaited<ReturnType<typeof startTemporal>>;
  let database: TestDatabase;
  let client: Client;
  let gateway: TestGateway;

  before(
    async () => {
      program = path.join(await pythonPackage('schemathesis', '4.32.5'), 'bin', 'schemathesis');
      [temporal, database] = await Promise.all([startTemporal(), startEmbedded()]);
      client = await temporalClient(temporal.address);
      gateway = await startTestGateway(client, { STATUS_DEADLINE_SECONDS: '10', ...database.environment });
    },
    { timeout: 300_000 },
  );
  after(async () => {
    await gateway.stop();
    await database.stop();
    await client.connection.close();
    await temporal.stop();
  });

  it('finds no server error and no answer that is not documented', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'schemathesis-'));
    try {
      const { code, said } = await run(program, folder, [
        ...['run', `${gateway.url}/openapi.json`, '--url', gateway.url, '--exclude-path-regex', NOT_ASKED],
        ...['--checks', CHECKS.join(','), '--max-examples', EXAMPLES, '--seed', '7'],
        ...['--phases', 'examples,coverage,fuzzing', '--continue-on-failure', '--no-shrink', '--request-timeout', '30'],
        ...['--suppress-health-check', 'all', '--warnings', 'off'],
      ]);
      assert.equal(code, 0, said);
      const tested = Number(/Tested: (\d+)/.exec(said)?.[1]);
      assert.ok(tested >= 30, said);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'allow_header_conformance',
];

function run(program: string, cwd: string, args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_PROXY: '127.0.0.1', NO_COLOR: '1' };
    execFile(program, args, { cwd, env, maxBuffer: 64e6 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, said: `${stdout}\n${stderr}` });
    });
  });
}
