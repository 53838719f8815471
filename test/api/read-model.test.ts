import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@temporalio/client';
import { sql } from 'drizzle-orm';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { until } from '../until.ts';
import { finish } from './fixtures/workflows.ts';
import { partialResult } from './fixtures/results.ts';
import { startTestGateway, type TestGateway } from './harness.ts';
import { startTemporal, startTestWorker, temporalClient } from './temporal-server.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const BODY = { video_theme: '介绍我们的新款智能手表' };

describe('answers from the read model', () => {
  let temporal: Awaited<ReturnType<typeof startTemporal>>;
  let worker: Awaited<ReturnType<typeof startTestWorker>>;
  let database: TestDatabase;
  let client: Client;
  let gateway: TestGateway;

  before(
    async () => {
      [temporal, database] = await Promise.all([startTemporal(), startEmbedded()]);
      client = await temporalClient(temporal.address);
      worker = await startTestWorker(temporal.address);
      gateway = await startTestGateway(client, { STATUS_DEADLINE_SECONDS: '10', ...database.environment });
    },
    { timeout: 120_000 },
  );
  after(async () => {
    await gateway.stop();
    await client.connection.close();
    await worker.stop();
    await temporal.stop();
    await database.stop();
  });

  const get = async (id: string) => (await gateway.request('GET', `/api/v1/videos/${id}`)).json.data;
  const rowOf = async (id: string) =>
    (await database.database.run((query) => query.execute(sql`select status, result from videos where id = ${id}`)))
      .rows[0] as { status: string; result: unknown } | undefined;

  async function finished(key: string): Promise<string> {
    const { json } = await gateway.post(BODY, { 'idempotency-key': key });
    const handle = client.workflow.getHandle(workflowIdOf(json.data.id));
    await handle.signal(finish, partialResult);
    await handle.result();
    assert.equal((await get(json.data.id)).status, 'partial');
    await until('its end is written', async () => (await rowOf(json.data.id))?.status === 'partial');
    return json.data.id as string;
  }

  /** As when the namespace's retention has passed. */
  async function forget(id: string): Promise<void> {
    const { workflowService, options } = client;
    const workflowExecution = { workflowId: workflowIdOf(id) };
    await workflowService.deleteWorkflowExecution({ namespace: options.namespace, workflowExecution });
    await until('Temporal has forgotten it', () =>
      client.workflow
        .getHandle(workflowIdOf(id))
        .describe()
        .then(
          () => false,
          () => true,
        ),
    );
  }

  it('outlive Temporal’s memory of a run: its film, and the key that asked for it', async () => {
    const id = await finished('a-lasting-key');
    const before = await get(id);
    await forget(id);
    assert.deepEqual(await get(id), before);

    const again = await gateway.post(BODY, { 'idempotency-key': 'a-lasting-key' });
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    assert.deepEqual([again.json.data.id, again.json.data.status], [id, 'partial']);
    const other = await gateway.post({ ...BODY, duration: 20 }, { 'idempotency-key': 'a-lasting-key' });
    assert.deepEqual([other.status, other.json.error.code], [422, 'IDEMPOTENCY_KEY_REUSED']);
    const late = await gateway.request('DELETE', `/api/v1/videos/${id}`);
    assert.deepEqual([late.status, late.json.error.code], [409, 'ALREADY_FINISHED']);
  });

  it('let an expired key name a new video, the same for everybody', async () => {
    const id = await finished('a-short-key');
    await forget(id);
    await database.database.run((query) =>
      query.execute(sql`update idempotency_keys set expires_at = now() - interval '1 day' where video_id = ${id}`),
    );
    const second = await startTestGateway(client, { STATUS_DEADLINE_SECONDS: '10', ...database.environment });
    // The secret makes ids: it is the same in all gateways of a deployment.
    const answers = await Promise.all(
      [gateway, second, gateway, second].map((one) => one.post(BODY, { 'idempotency-key': 'a-short-key' })),
    );
    await second.stop();
    const ids = new Set(answers.map(({ json }) => json.data.id as string));
    assert.equal(ids.size, 1);
    assert.ok(!ids.has(id));
    await client.workflow.getHandle(workflowIdOf([...ids][0]!)).terminate();
  });

  it('list by pages that go on where they were, and from Temporal while the database is away', async () => {
    const listed: string[] = [];
    let cursor = '';
    do {
      const { json } = await gateway.request('GET', `/api/v1/videos?limit=1${cursor && `&cursor=${cursor}`}`);
      listed.push(...json.data.videos.map((video: { id: string }) => video.id));
      cursor = json.data.next_cursor ?? '';
    } while (cursor !== '');
    assert.equal(new Set(listed).size, listed.length);
    assert.ok(listed.length >= 3);

    const { json: page } = await gateway.request('GET', '/api/v1/videos?limit=1');
    database.freeze();
    const away = await gateway.request('GET', '/api/v1/videos?limit=2');
    assert.equal(away.status, 200);
    const onwards = await gateway.request('GET', `/api/v1/videos?limit=1&cursor=${page.data.next_cursor}`);
    assert.deepEqual([onwards.status, onwards.json.error.code], [503, 'DATABASE_UNAVAILABLE']);
    // A key may have been used longer ago than Temporal remembers: nothing is started that may be there already.
    const runs = async () => (await client.workflow.count(`WorkflowType = 'generateVideo'`)).count;
    const before = await runs();
    const unknown = await gateway.post(BODY, { 'idempotency-key': 'never-seen' });
    assert.deepEqual([unknown.status, unknown.json.error.code], [503, 'DATABASE_UNAVAILABLE']);
    assert.equal(await runs(), before);
    const events = await gateway.request('GET', `/api/v1/videos/${away.json.data.videos[0].id}/events`);
    assert.deepEqual([events.status, events.json.error.code], [503, 'DATABASE_UNAVAILABLE']);
    database.thaw();
    await until('it answers again', async () => {
      const { status } = await gateway.request('GET', `/api/v1/videos?limit=1&cursor=${page.data.next_cursor}`);
      return status === 200;
    });
  });

  it('come within two seconds while Temporal stands still: what has ended, what is under way, the list', async () => {
    const prompt = await startTestGateway(client, database.environment);
    const ended = await finished('before-the-freeze');
    const { json } = await prompt.post(BODY);
    const open = json.data.id as string;
    await until('it is known to be queued', async () => (await rowOf(open))?.status === 'queued');
    temporal.signal('SIGSTOP');
    try {
      for (const [path, status] of [
        [`/api/v1/videos/${ended}`, 'partial'],
        [`/api/v1/videos/${open}`, 'queued'],
      ] as const) {
        const answer = await prompt.request('GET', path);
        assert.deepEqual([answer.status, answer.json.data.status], [200, status]);
        assert.ok(answer.elapsedMs < onABusyMachine(2_000), `${path}: ${answer.elapsedMs} ms`);
      }
      const list = await prompt.request('GET', '/api/v1/videos');
      assert.ok(list.json.data.videos.some(({ id }: { id: string }) => id === open));
      const replay = await prompt.post(BODY, { 'idempotency-key': 'before-the-freeze' });
      assert.deepEqual([replay.status, replay.headers.get('idempotent-replayed')], [202, 'true']);
    } finally {
      temporal.signal('SIGCONT');
      await prompt.stop();
    }
    await client.workflow.getHandle(workflowIdOf(open)).terminate();
  });

  it('stream events to whoever has none or too many, end with the last, and leave nobody listening', async () => {
    const id = await finished('a-streamed-key');
    const at = `/api/v1/videos/${id}/events`;
    const told = (text: string) => [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);
    await until('all of it is told', async () => told((await gateway.request('GET', at)).text).at(-1) === 'ended');
    const all = told((await gateway.request('GET', at)).text);
    assert.deepEqual(told((await gateway.request('GET', `${at}?after=999`)).text), all);
    assert.deepEqual(told((await gateway.request('GET', `${at}?after=${all.length - 1}`)).text), ['ended']);
    assert.equal((await gateway.request('GET', `${at}?after=${all.length}`)).status, 204);

    const { json } = await gateway.post(BODY);
    for (let n = 0; n < 20; n++) {
      const leaving = new AbortController();
      const stream = await fetch(`${gateway.url}/api/v1/videos/${json.data.id}/events`, { signal: leaving.signal });
      await stream.body?.getReader().read();
      leaving.abort();
    }
    await until('nobody listens any more', async () => {
      const { text } = await gateway.request('GET', '/metrics');
      return /^mcp_bridge_live_connections\{transport="sse"\} 0$/m.test(text);
    });
    await client.workflow.getHandle(workflowIdOf(json.data.id)).terminate();
  });

  it('refuse event ids that are none', async () => {
    const { json } = await gateway.post(BODY);
    const at = `/api/v1/videos/${json.data.id}/events`;
    const header = await gateway.request('GET', at, { headers: { 'last-event-id': 'x' } });
    assert.deepEqual([header.status, header.json.error.details[0].field], [400, 'Last-Event-ID']);
    const query = await gateway.request('GET', `${at}?after=-1`);
    assert.deepEqual([query.status, query.json.error.details[0].field], [400, 'after']);
    const unknown = await gateway.request('GET', '/api/v1/videos/v01ARZ3NDEKTSV4RRFFQ69G5FAV/events');
    assert.equal(unknown.status, 404);
    await client.workflow.getHandle(workflowIdOf(json.data.id)).terminate();
  });
});
