import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { startSandbox, type Sandbox } from '../../sandbox/server.ts';
import type { SocketCount } from '../../sandbox/sockets.ts';
import type { ActivityDeps } from '../../src/activities/index.ts';
import { loadConfig } from '../../src/config.ts';
import { Database } from '../../src/database/database.ts';
import type { PoolSettings } from '../../src/domain/config-files.ts';
import { ProviderError } from '../../src/domain/errors.ts';
import { createLog } from '../../src/log.ts';
import { createActivityDeps } from '../../src/workers/activity-deps.ts';
import { configFolder } from '../e2e/config-folder.ts';
import { until } from '../until.ts';
import { CHAT_MODEL, Client, IMAGE_MODEL, VOICE } from '../sandbox/harness.ts';

const IMAGE = { model: IMAGE_MODEL, prompt: 'a lighthouse', width: 720, height: 1280, seed: 1 };
const CHAT = {
  model: CHAT_MODEL,
  messages: [{ role: 'user' as const, content: 'a lighthouse' }],
  jsonSchema: { name: 'answer', schema: { type: 'object', properties: { a: { type: 'string' } } } },
  maxTokens: 100,
};

const isRateLimit = (error: unknown) => error instanceof ProviderError && error.details.kind === 'rate_limit';

describe('the connections of a worker process to the Doubao API', () => {
  const sandbox = new Client();
  let running: Sandbox;
  let dir: string;
  let database: Database;
  before(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'pools-test-'));
    // Nothing here asks it.
    database = new Database({ kind: 'embedded', dataDir: dir });
  });
  after(async () => {
    await database.close();
    await rm(dir, { recursive: true, force: true });
  });
  // One for each test: connections are kept open after their last call.
  beforeEach(async () => {
    running = await startSandbox({ delayScale: 0 });
    sandbox.url = running.url;
  });
  afterEach(() => running.close());

  /** What a worker works with, with `doubao_api` changed in its file. */
  function depsWith(change: Partial<PoolSettings> = {}): Promise<ActivityDeps> {
    const config = loadConfig({
      CONFIG_DIR: configFolder(dir, {
        parallel: ({ resource_pools }) => void Object.assign(resource_pools.doubao_api, change),
      }),
      ...{ DATA_DIR: dir, MCP_BRIDGE_SANDBOX: 'true', CACHE_DIR: process.env['CACHE_DIR'] },
      ...{ ARK_API_KEY: 'a-key', ARK_BASE_URL: `${sandbox.url}/api/v3` },
      ...{ SPEECH_API_KEY: 'a-key', SPEECH_BASE_URL: sandbox.url },
    });
    return createActivityDeps(config, createLog({ level: 'silent', component: 'test' }), database);
  }

  const sockets = async () =>
    (await (await fetch(`${sandbox.url}/__sandbox/sockets`)).json()) as { api: SocketCount; download: SocketCount };

  const speak = ({ speech }: ActivityDeps) =>
    speech.synthesize({ text: '你好。', voice: VOICE, requestId: randomUUID() });

  for (const [what, change, limit] of [
    ['ten, as the file has it', {}, 10],
    ['as many as another file says', { max_connections: 3 }, 3],
  ] as const)
    it(`are ${what}, for chat, pictures and voices together; every waiting call gets its turn`, async () => {
      const deps = await depsWith(change);
      // So slow that as many are under way at once as may be.
      await sandbox.faults([{ route: '*', fault: { delayMs: 200, status: 429 } }]);
      const calls = Array.from({ length: 4 * limit }, (_, n) =>
        n % 2 === 0 ? deps.ark.chat(CHAT) : n % 4 === 1 ? speak(deps) : deps.ark.createImage(IMAGE),
      );
      const answers = await Promise.allSettled<unknown>(calls);
      assert.ok(answers.every((answer) => answer.status === 'rejected' && isRateLimit(answer.reason)));
      assert.equal((await sandbox.ledger()).arrived.length, 4 * limit);
      assert.equal((await sockets()).api.most, limit);
    });

  it('are not taken by downloads, nor do calls that nobody answers keep a file from coming', async () => {
    const deps = await depsWith({ max_connections: 2 });
    const { url } = await deps.ark.createImage(IMAGE);
    await sandbox.faults([{ route: 'chat', fault: { hang: true } }]);
    const calls = Promise.allSettled([deps.ark.chat(CHAT), deps.ark.chat(CHAT), deps.ark.createImage(IMAGE)]);
    await until('both sockets are taken', async () => (await sockets()).api.open === 2);
    const files = await Promise.all([1, 2, 3, 4].map(() => deps.downloadImage(url)));
    assert.deepEqual(new Set(files.map(({ mediaType }) => mediaType)), new Set(['image/jpeg']));
    // The picture waits in line: its call has not been sent.
    assert.equal((await sandbox.ledger()).arrived.filter(({ route }) => route === 'image').length, 1);
    await running.close();
    await calls;
  });
});
