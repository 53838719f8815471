import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { Database } from '../../src/database/database.ts';
import { PermanentError } from '../../src/domain/errors.ts';
import { createLog } from '../../src/log.ts';
import { BASE_FONT, checkFonts } from '../../src/render/fonts.ts';
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

  const KEYS = { ARK_API_KEY: 'a-key', SPEECH_API_KEY: 'a-key' };

  it('without an ffmpeg that works says so, and where it has looked', async () => {
    const config = configOf({ ...KEYS, FFMPEG_PATH: path.join(dataDir, 'no-ffmpeg') });
    await assert.rejects(
      createActivityDeps(config, log, database),
      (error: unknown) =>
        error instanceof PermanentError && /^ffmpeg_/.test(error.code) && /FFMPEG_PATH/.test(error.message),
    );
  });

  it('without a font says which, and how it is installed', () => {
    const font = { ...BASE_FONT, file: '@expo-google-fonts/noto-sans-sc/none.ttf' };
    assert.throws(
      () => checkFonts([BASE_FONT, font]),
      (error: unknown) =>
        error instanceof PermanentError && error.code === 'font_missing' && /Noto Sans SC .*npm ci/.test(error.message),
    );
  });
});
