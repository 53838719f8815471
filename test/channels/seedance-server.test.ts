import assert from 'node:assert/strict';
import path from 'node:path';
import { before, beforeEach, describe, it } from 'node:test';
import type { McpChannel } from '../../src/domain/config-files.ts';
import { json, startHost } from '../../src/providers/testing/local-host.ts';
import { pythonPackage } from '../python-package.ts';
import { KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { arkTasks } from './ark-tasks.ts';
import {
  failureOf,
  MODEL,
  openClient,
  pictureAfterAnother,
  pictureOf,
  REFUSALS,
  sizeOf,
  stdioChannel,
} from './doubao-mcp.ts';

/** Taken as it is: it works on the Python here, whatever its metadata says. */
const serverProgram = async (): Promise<string> => {
  const folder = await pythonPackage('seedance-mcp-server', '3.1.0', { ignoreRequiresPython: true });
  return path.join(folder, 'bin', 'seedance-mcp-server');
};

describe('an MCP server that is not ours, between the product and the sandbox', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  let program = '';
  before(async () => void (program = await serverProgram()), { timeout: 300_000 });
  beforeEach(() => sandbox.clear());

  const channelTo = (arkUrl: string): McpChannel => ({
    ...{ command: program, args: [] },
    env: { ARK_API_KEY: 'a-key', ARK_BASE_URL: arkUrl, NO_PROXY: '127.0.0.1' },
  });
  const ark = () => `${sandbox.url}/api/v3`;
  let client: ReturnType<typeof openClient> | undefined;
  const provider = async () => (await (client ??= openClient(channelTo(ark())))).provider;
  const billed = async () => (await sandbox.ledger()).lines.filter(({ kind }) => kind === 'image').length;
  const asked = async () => (await sandbox.ledger()).arrived.filter(({ route }) => route === 'image').length;

  it('makes a picture of the size that was asked for', async () => {
    const { url, model } = await (await provider()).createImage(pictureOf('一杯咖啡'));
    assert.deepEqual([model, ...(await sizeOf(url)), await billed()], [pictureOf('').model, 720, 1280, 1]);
  });

  it('takes after a reference picture', async () => {
    assert.equal((await (await provider()).createImage(await pictureAfterAnother())).model, MODEL);
    assert.equal(await billed(), 1);
  });

  for (const [what, fault, kind, requests] of REFUSALS) {
    it(`tells ${what}: ${kind}, after as many requests as ours makes of it`, async () => {
      await sandbox.faults([{ route: 'image', fault }]);
      const failed = await failureOf((await provider()).createImage(pictureOf('茶')));
      assert.deepEqual([failed.kind, failed.billed], [kind, kind === 'outcome_unknown' ? 'unknown' : 'no']);
      assert.equal(await asked(), requests);
    });
  }
});

/** The task endpoints of Ark, as its documents have them, behind a server of the tools. */
describe('clips over MCP', () => {
  let program = '';
  before(async () => void (program = await serverProgram()), { timeout: 300_000 });

  for (const [server, channel] of [
    ['ours', (url: string) => stdioChannel(url)],
    [
      'one that is not ours',
      (url: string) => ({ command: program, args: [], env: { ARK_API_KEY: 'k', ARK_BASE_URL: url } }),
    ],
  ] as const) {
    it(`${server}: a task is made once, found by its seed, read to its end, and called off while it is queued`, async () => {
      const tasks = await arkTasks();
      try {
        const clipTakes = () => ({ takesSeed: true, firstFrame: 'any_ratio' as const, takesAudio: false });
        const { provider } = await openClient(channel(`${tasks.url}/api/v3`), { clipTakes });
        const request = {
          ...{
            model: 'doubao-seedance-1-0-pro-250528',
            prompt: '海浪',
            ratio: '9:16' as const,
            resolution: '480p' as const,
          },
          ...{ durationSeconds: 5, seed: 4711, firstFrame: 'data:image/jpeg;base64,AAAA' },
        };
        const { taskId, model } = await provider.createClip(request);
        assert.equal(model, request.model);
        assert.deepEqual(tasks.created, [
          {
            model: request.model,
            content: [
              { type: 'text', text: '海浪' },
              { type: 'image_url', image_url: { url: request.firstFrame }, role: 'first_frame' },
            ],
            ...{ ratio: '9:16', duration: 5, resolution: '480p', seed: 4711, watermark: false },
          },
        ]);
        assert.equal((await provider.readClip(taskId)).state, 'queued');
        const listed = await provider.listClips({ model: request.model, pageSize: 20 });
        assert.deepEqual(
          listed.map(({ id, seed }) => [id, seed]),
          [[taskId, 4711]],
        );
        tasks.settle(taskId, 'succeeded');
        const { state, url, tokens, createdAtMs } = await provider.readClip(taskId);
        assert.deepEqual([state, tokens, createdAtMs], ['succeeded', 108_900, 1_743_414_619_000]);
        assert.match(url ?? '', /^https:\/\/.*mp4/);
        // What has ended would be removed by it.
        assert.equal(await provider.cancelClip(taskId), false);
        assert.equal((await provider.readClip(taskId)).state, 'succeeded');
        const second = await provider.createClip(request);
        assert.equal(await provider.cancelClip(second.taskId), true);
        assert.equal((await provider.readClip(second.taskId)).state, 'cancelled');
        const third = await provider.createClip(request);
        tasks.settle(third.taskId, 'failed');
        const { error } = await provider.readClip(third.taskId);
        assert.equal(error?.code, 'OutputVideoSensitiveContentDetected');
      } finally {
        await tasks.close();
      }
    });

    it(`${server}: what Ark refuses is told by its code, and costs one request`, async () => {
      const host = await startHost(
        json(429, { error: { code: 'ModelAccountRpmRateLimitExceeded', message: 'x', type: 'TooManyRequests' } }),
      );
      try {
        const { provider } = await openClient(channel(`${host.url}/api/v3`));
        const failed = await failureOf(
          provider.createClip({
            ...{ model: 'm', prompt: '海浪', ratio: '9:16', resolution: '480p', durationSeconds: 5, seed: 1 },
          }),
        );
        assert.deepEqual([failed.kind, failed.code], ['rate_limit', 'ModelAccountRpmRateLimitExceeded']);
        const creates = host.requests.filter(({ method }) => method === 'POST');
        assert.equal(creates.filter(({ path: at }) => at.endsWith('/contents/generations/tasks')).length, 1);
        const unread = await failureOf(provider.readClip('cgt-1'));
        assert.deepEqual([unread.kind, unread.billed], ['rate_limit', 'no']);
      } finally {
        await host.close();
      }
    });
  }
});
