import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { findTemporalCli, TEMPORAL_CLI_VERSION, TemporalCliError } from './temporal-cli.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'temporal-cli-'));
const originalPath = process.env['PATH'];
// So that a Temporal CLI which this machine happens to have on PATH does not answer.
const plainPath = '/usr/bin:/bin';

after(() => {
  process.env['PATH'] = originalPath;
  rmSync(scratch, { recursive: true, force: true });
});

function folder(name: string): string {
  const dir = path.join(scratch, name);
  mkdirSync(dir, { recursive: true });
  return dir;
}

function fakeCli(dir: string, version = '1.5.1 (Server 1.29.1, UI 2.42.1)'): string {
  mkdirSync(dir, { recursive: true });
  const file = path.join(dir, 'temporal');
  writeFileSync(file, `#!/bin/sh\necho "temporal version ${version}"\n`);
  chmodSync(file, 0o755);
  return file;
}

const offline = { downloadUrl: null, mayBuild: false, onNote: () => {} };

describe('findTemporalCli', () => {
  it('uses the path it is given', async () => {
    const file = fakeCli(folder('explicit'));
    const found = await findTemporalCli({ ...offline, explicitPath: file, cacheDir: folder('empty') });
    assert.deepEqual(found, { path: file, version: '1.5.1 (Server 1.29.1, UI 2.42.1)' });
  });

  it('refuses a given path that is not a Temporal CLI, naming the variable', async () => {
    for (const explicitPath of [path.join(scratch, 'nowhere'), '/bin/true']) {
      await assert.rejects(findTemporalCli({ ...offline, explicitPath, cacheDir: scratch }), (error: Error) => {
        assert.ok(error instanceof TemporalCliError);
        assert.match(error.message, /TEMPORAL_CLI_PATH/);
        assert.ok(error.message.includes(explicitPath));
        return true;
      });
    }
  });

  it('takes the one on PATH before the cache, and the cache when that one is too old', async () => {
    const cacheDir = folder('cache');
    const cached = fakeCli(path.join(cacheDir, 'temporal-cli', TEMPORAL_CLI_VERSION));
    const onPath = fakeCli(folder('bin'));
    process.env['PATH'] = `${path.dirname(onPath)}:${plainPath}`;
    assert.equal((await findTemporalCli({ ...offline, explicitPath: null, cacheDir })).path, onPath);

    fakeCli(path.dirname(onPath), '0.13.0 (Server 1.24.0)');
    const notes: string[] = [];
    const options = { ...offline, explicitPath: null, cacheDir, onNote: (note: string) => void notes.push(note) };
    assert.equal((await findTemporalCli(options)).path, cached);
    assert.match(notes.join('\n'), /too old/);

    process.env['PATH'] = plainPath;
    assert.equal((await findTemporalCli({ ...offline, explicitPath: null, cacheDir })).path, cached);
  });

  it('downloads the official archive once for two at the same time', async () => {
    process.env['PATH'] = plainPath;
    fakeCli(folder('archive'));
    execFileSync('tar', ['-czf', path.join(scratch, 'cli.tar.gz'), '-C', path.join(scratch, 'archive'), 'temporal']);
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url ?? '');
      response.end(readFileSync(path.join(scratch, 'cli.tar.gz')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const cacheDir = folder('download');
      const downloadUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cli`;
      const options = { ...offline, explicitPath: null, cacheDir, downloadUrl };
      const [first, second] = await Promise.all([findTemporalCli(options), findTemporalCli(options)]);
      const home = path.join(cacheDir, 'temporal-cli', TEMPORAL_CLI_VERSION);
      assert.equal(first.path, path.join(home, 'temporal'));
      assert.deepEqual(second, first);
      assert.equal(requests.length, 1);
      assert.match(requests[0] ?? '', /\?platform=(linux|darwin)&arch=(amd64|arm64)$/);
      assert.deepEqual(readdirSync(home), ['temporal'], 'nothing of the download is left');
      assert.ok(!existsSync(`${home}.lock`));
    } finally {
      server.close();
    }
  });

  it('says what to install when nothing works', async () => {
    process.env['PATH'] = plainPath;
    const refused = { ...offline, explicitPath: null, cacheDir: folder('none'), downloadUrl: 'http://127.0.0.1:9/cli' };
    await assert.rejects(findTemporalCli(refused), (error: Error) => {
      assert.match(error.message, /Download: .+/);
      assert.match(error.message, /Install it .+ or set TEMPORAL_CLI_PATH/);
      return true;
    });
  });
});
