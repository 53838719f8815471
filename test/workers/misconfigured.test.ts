import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { Database } from '../../src/database/database.ts';
import { createLog } from '../../src/log.ts';
import { createActivityDeps } from '../../src/workers/activity-deps.ts';
import { startWorkers } from '../../src/workers/start-workers.ts';

/** A worker that cannot work says what is missing, before it takes a task. */
describe('a worker', () => {
  let dataDir: string;
  let database: Database;
  before(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'worker-test-'));
    database = new Database({ kind: 'embedded', dataDir });
  });
  after(() => rm(dataDir, { recursive: true, force: true }));

  const log = createLog({ level: 'silent', component: 'test' });
  const configOf = (environment: Record<string, string>) => loadConfig({ DATA_DIR: dataDir, ...environment });
  const isConfigError = (told: RegExp) => (error: unknown) => error instanceof ConfigError && told.test(error.message);

  it('without a key for Ark says which variable to set', async () => {
    await assert.rejects(
      createActivityDeps(configOf({}), log, database),
      isConfigError(/ARK_API_KEY is not set: .*sandbox/),
    );
  });

  it('without credentials for speech says which variables to set', async () => {
    const half = { ARK_API_KEY: 'a-key', SPEECH_APP_ID: 'an-app' };
    await assert.rejects(
      createActivityDeps(configOf(half), log, database),
      isConfigError(/SPEECH_API_KEY .*SPEECH_APP_ID .*SPEECH_ACCESS_TOKEN/),
    );
  });

  it('with an unknown queue names it, and those that exist', async () => {
    await assert.rejects(
      startWorkers(configOf({ WORKER_QUEUES: 'orchestration, audio' }), log),
      isConfigError(/"audio".*audio_processing/),
    );
  });
});
