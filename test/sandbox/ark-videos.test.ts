import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { probeMedia } from '../../src/render/probe.ts';
import { until } from '../until.ts';
import { testFfmpeg } from '../render/films.ts';
import { type ArkError, Client } from './harness.ts';
import { startSandbox, type Sandbox } from '../../sandbox/server.ts';

const TASKS = '/api/v3/contents/generations/tasks';
const MODEL = 'doubao-seedance-1-0-pro-250528';
const PROMPT = '一座灯塔，海浪拍打礁石';
interface Task {
  id: string;
  status: string;
  content?: { video_url: string };
  usage?: { completion_tokens: number };
  [field: string]: unknown;
}

describe('video tasks', () => {
  const client = new Client();
  let sandbox: Sandbox;
  let ffmpeg = '';
  before(async () => {
    ffmpeg = await testFfmpeg();
    sandbox = await startSandbox({ delayScale: 0.002, ffmpegPath: ffmpeg });
    client.url = sandbox.url;
  });
  after(() => sandbox.close());
  beforeEach(() => client.clear());

  const body = (change: object = {}) => ({
    ...{ model: MODEL, content: [{ type: 'text', text: PROMPT }], resolution: '480p', ratio: '9:16', duration: 2 },
    ...change,
  });
  const order = async (change: object = {}): Promise<string> => {
    const response = await client.post(TASKS, body(change));
    const { id } = (await response.json()) as { id: string };
    assert.match(id, /^cgt-\d{14}-[a-z0-9]{5}$/);
    return id;
  };
  const ask = (path: string, method = 'GET') =>
    fetch(client.url + path, { method, headers: { authorization: 'Bearer a-key' } });
  const get = async (id: string) => (await (await ask(`${TASKS}/${id}`)).json()) as Task;
  const become = (id: string, status: string) =>
    until(`${id} is ${status}`, async () => (await get(id)).status === status);

  it('end as moving pictures of the exact raster and length, and are billed then', async () => {
    const id = await order({ seed: 7 });
    assert.deepEqual((await client.ledger()).lines, [], 'an order costs nothing yet');
    await become(id, 'succeeded');
    const task = await get(id);
    assert.deepEqual(
      [task['seed'], task['duration'], task['ratio'], task['framespersecond'], task.usage?.completion_tokens],
      [7, 2, '9:16', 24, Math.round((480 * 864 * 49) / 1024)],
    );
    const { lines } = await client.ledger();
    assert.deepEqual(
      lines.map(({ kind, units, model }) => [kind, units, model]),
      [['video', task.usage?.completion_tokens, MODEL]],
    );

    const folder = await mkdtemp(join(tmpdir(), 'video-task-'));
    try {
      const file = join(folder, 'clip.mp4');
      const url = task.content?.video_url ?? '';
      assert.equal((await fetch(url, { method: 'HEAD' })).status, 403, 'signed for GET only');
      await writeFile(file, Buffer.from(await (await fetch(url)).arrayBuffer()));
      const { video } = await probeMedia(file);
      assert.deepEqual([video?.codec, video?.width, video?.height, video?.fps], ['AVC', 480, 864, 24]);
      const args = ['-hide_banner', '-i', file, '-vf', 'freezedetect=n=-60dB:d=0.25', '-f', 'null', '-'];
      const { stderr } = await promisify(execFile)(ffmpeg, args);
      assert.match(stderr, /frame= *49 /);
      assert.doesNotMatch(stderr, /freeze_start/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are refused for what the model does not take, in the service’s order', async () => {
    const refusal = async (change: object, headers: Record<string, string> = {}) => {
      const response = await client.post(TASKS, body(change), headers);
      const { error } = (await response.json()) as ArkError;
      return `${response.status} ${error.code}`;
    };
    const wrong = { resolution: '4k', model: 'doubao-seedance-9' };
    assert.equal(await refusal(wrong, { authorization: 'Bearer invalid-key' }), '401 AuthenticationError');
    assert.equal(await refusal(wrong, { authorization: 'Bearer overdue-key' }), '404 InvalidEndpointOrModel.NotFound');
    for (const change of [
      { resolution: '4k' },
      { ratio: 'adaptive' },
      { ratio: '2:1' },
      { duration: 1 },
      { duration: 13 },
      { duration: -1 },
      { frames: 30 },
      { seed: 2 ** 31 },
      { content: [] },
      { content: [{ type: 'image_url', image_url: { url: 'https://a.example/a.jpg' }, role: 'reference_image' }] },
      { watermark: 'no' },
    ])
      assert.match(await refusal(change), /^400 (InvalidParameter|MissingParameter)/, JSON.stringify(change));
    const unsupported = '400 InvalidParameter.UnsupportedParameter';
    assert.equal(await refusal({ generate_audio: false }), unsupported);
    assert.equal(await refusal({ model: 'doubao-seedance-2-0-260128', duration: 4, seed: 1 }), unsupported);
    assert.equal(await refusal({ colour: 'red' }), unsupported);
    assert.deepEqual((await client.ledger()).lines, []);
  });

  it('end as a fault script says, and cost nothing then', async () => {
    for (const fate of [
      { ends: 'failed', code: 'OutputVideoSensitiveContentDetected' },
      { ends: 'expired' },
    ] as const) {
      await client.faults([{ route: 'video', fault: { task: fate } }]);
      const id = await order();
      await become(id, fate.ends);
      const { error } = (await get(id)) as Task & { error: { code: string } | null };
      assert.equal(error?.code, 'code' in fate ? fate.code : undefined);
    }
    assert.deepEqual((await client.ledger()).lines, []);
  });

  it('are called off while they stand in line, and not when they run', async () => {
    await client.faults([
      { route: 'video', nth: 1, fault: { task: { stays: 'queued' } } },
      { route: 'video', nth: 2, fault: { task: { stays: 'running' } } },
    ]);
    const [queued, running] = [await order(), await order()];
    await become(running, 'running');
    assert.equal((await ask(`${TASKS}/${queued}`, 'DELETE')).status, 200);
    assert.equal((await get(queued)).status, 'cancelled');
    assert.equal((await ask(`${TASKS}/${running}`, 'DELETE')).status, 409);
    assert.equal((await ask(`${TASKS}/cgt-unknown`)).status, 404);
  });

  it('are listed, the newest first, by state, model and id, page by page', async () => {
    await client.faults([{ route: 'video', fault: { task: { stays: 'queued' } } }]);
    const [first, second] = [await order({ seed: 1 }), await order({ seed: 2 })];
    const list = async (query: string) =>
      (await (await ask(`${TASKS}?${query}`)).json()) as { total: number; items: Task[] };
    const page = await list('page_num=1&page_size=1&filter.status=queued&filter.model=' + MODEL);
    assert.deepEqual([page.items.map(({ id }) => id), page.items[0]?.['seed']], [[second], 2]);
    assert.ok(page.total >= 2 && !('ratio' in (page.items[0] ?? {})));
    const named = await list(`filter.task_ids=${first}&filter.task_ids=${second}`);
    assert.deepEqual(
      named.items.map(({ id }) => id),
      [second, first],
    );
    assert.equal((await list('filter.model=doubao-seedance-2-0-260128')).total, 0);
    assert.equal((await ask(`${TASKS}?page_size=501`)).status, 400);
  });
});
