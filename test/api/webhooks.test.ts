import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Webhook } from 'standardwebhooks';
import { createWebhookActivities } from '../../src/activities/webhook.ts';
import { keepReconciled } from '../../src/api/reconciler.ts';
import { TemporalGate } from '../../src/api/temporal-gate.ts';
import { keepWebhooksStarted } from '../../src/api/webhook-starter.ts';
import { loadConfig } from '../../src/config.ts';
import { WebhookEvent } from '../../src/contract/webhook.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { ORCHESTRATION, WEBHOOKS } from '../../src/domain/queues.ts';
import { webhookWorkflowId } from '../../src/domain/webhook.ts';
import { startHost, type Answer, type LocalHost } from '../../src/providers/testing/local-host.ts';
import { tellReport } from '../../src/read-model/tell.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { describeRun, identityOf } from '../../src/temporal/run-record.ts';
import { Resilience } from '../../src/workers/interceptors/resilience.ts';
import { WebhookDesk } from '../../src/webhooks/desk.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { until } from '../until.ts';
import { fixtureBundle } from '../fixture-bundle.ts';
import { historyToJson } from '../replay/history-json.ts';
import { textsOf } from '../replay/redact.ts';
import { partialResult } from './fixtures/results.ts';
import { fail, finish } from './fixtures/workflows.ts';
import { startTestGateway, type TestGateway } from './harness.ts';
import { startTemporal, temporalClient } from './temporal-server.ts';

const SECRETS = ['whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3', 'whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk'];
const WISH = { video_theme: '介绍我们的新款智能手表' };
/** An address may be a secret in itself. */
const WORD = 'a-word-of-the-address';

describe('webhooks', () => {
  let temporal: Awaited<ReturnType<typeof startTemporal>>;
  let database: TestDatabase;
  let client: Client;
  let gateway: TestGateway;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let receiver: LocalHost;
  let answers: Answer[] = [];
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];

  before(
    async () => {
      [temporal, database] = await Promise.all([startTemporal(), startEmbedded()]);
      client = await temporalClient(temporal.address);
      const environment = { WEBHOOK_ALLOW_PRIVATE: 'true', WEBHOOK_RETRY_SECONDS: '0.2,0.2,0.2' };
      gateway = await startTestGateway(client, {
        STATUS_DEADLINE_SECONDS: '10',
        ...database.environment,
        ...environment,
      });
      receiver = await startHost((response, request) => {
        const answer = answers.shift();
        if (answer === undefined) response.writeHead(204).end();
        else answer(response, request);
      });
      worker = await startWorker();
      const gate = new TemporalGate(client, 10_000);
      const { model, config } = gateway;
      const { log } = gateway.deps;
      const { signal } = stopping;
      const { retrySeconds } = config.webhooks;
      loops.push(keepReconciled({ model, gate, retentionDays: 0, log, signal }));
      // Two gateways: what both start is told of once.
      for (let n = 0; n < 2; n++)
        loops.push(keepWebhooksStarted({ database: model.database, gate, retrySeconds, log, signal }));
    },
    { timeout: 240_000 },
  );
  after(async () => {
    stopping.abort();
    await Promise.all(loops);
    await gateway.stop();
    await worker.stop();
    await client.connection.close();
    await receiver.close();
    await temporal.stop();
    await database.stop();
  });
  beforeEach(() => {
    answers = [];
    receiver.requests.length = 0;
  });

  /** The product's workflow, activity and retries; only videos are made by a stand-in. */
  async function startWorker() {
    const connection = await NativeConnection.connect({ address: temporal.address });
    const { database: at } = gateway.model;
    const desk = new WebhookDesk({ database: at, secrets: SECRETS, gatewayUrl: gateway.url, allowPrivate: true });
    const dataConverter = await createDataConverter(null);
    const strategies = loadConfig().errorHandling.retry_strategies;
    const workers = await Promise.all([
      Worker.create({
        ...{ connection, dataConverter, taskQueue: ORCHESTRATION },
        workflowBundle: await fixtureBundle(new URL('./fixtures/workflows.ts', import.meta.url)),
      }),
      Worker.create({
        ...{ connection, dataConverter, taskQueue: WEBHOOKS },
        activities: createWebhookActivities({ webhooks: desk }),
        interceptors: { activity: [(context) => ({ inbound: new Resilience(context, strategies) })] },
      }),
    ]);
    const running = Promise.all(workers.map((one) => one.run()));
    return {
      async stop() {
        for (const one of workers) one.shutdown();
        await running;
        await connection.close();
      },
    };
  }

  const hook = () => `${receiver.url}/hook?word=${WORD}`;
  const run = (id: string) => client.workflow.getHandle(workflowIdOf(id));
  async function order(): Promise<string> {
    const { json, status } = await gateway.post({ ...WISH, webhook_url: hook() });
    assert.equal(status, 202, JSON.stringify(json));
    return json.data.id as string;
  }
  const told = (count: number, what: string) =>
    until(what, () => receiver.requests.length >= count, {
      otherwise: () => JSON.stringify(receiver.requests.map(({ body }) => body)),
    });
  const idsTold = () => receiver.requests.map(({ headers }) => headers['webhook-id'] as string);
  /** As a receiver reads it: with the scheme's own library, and either secret. */
  function verified({ headers, body }: LocalHost['requests'][number]): WebhookEvent {
    for (const secret of SECRETS) new Webhook(secret).verify(body, headers as Record<string, string>);
    return WebhookEvent.parse(JSON.parse(body));
  }
  const dead = async () =>
    (await gateway.request('GET', '/api/v1/webhooks/dead-letters')).json.data.dead_letters as Record<string, unknown>[];
  const historyOf = async (workflowId: string) => {
    const handle = client.workflow.getHandle(workflowId);
    const { memo, searchAttributes } = await handle.describe();
    return JSON.stringify([textsOf(historyToJson(await handle.fetchHistory())), memo, searchAttributes]);
  };

  it('tell of a finished film what its receiver needs, signed, under one id, until it is taken', async () => {
    const later: Answer = (response) => void response.writeHead(429, { 'retry-after': '1' }).end();
    answers = [(response) => void response.writeHead(500).end('no'), later];
    const id = await order();
    await run(id).signal(finish, partialResult);
    await told(3, 'it is told three times');
    assert.equal(new Set(idsTold()).size, 1);
    const [first, second, third] = receiver.requests;
    for (const request of receiver.requests) verified(request);
    assert.equal(first?.body, third?.body);
    const paused = Number(third?.headers['webhook-timestamp']) - Number(second?.headers['webhook-timestamp']);
    assert.ok(paused >= 1, 'Retry-After is kept');

    const event = verified(first!);
    const { video_url, cover_url, draft_url } = (await gateway.request('GET', `/api/v1/videos/${id}`)).json.data;
    assert.equal(event.type, 'video.finished');
    const { data } = event;
    assert.deepEqual(
      [data.id, data.status, data.title, data.duration, data.degradations, data.cost],
      [id, 'partial', 'A watch', 15, 1, 0.25],
    );
    assert.deepEqual([data.video_url, data.cover_url, data.draft_url], [video_url, cover_url, draft_url]);
    assert.throws(() => new Webhook(`whsec_${'A'.repeat(32)}`).verify(first!.body, first!.headers as never));

    const delivery = webhookWorkflowId(idsTold()[0]!, 1);
    await client.workflow.getHandle(delivery).result();
    for (const workflowId of [workflowIdOf(id), delivery]) {
      const history = await historyOf(workflowId);
      for (const secret of [WORD, receiver.host, ...SECRETS]) assert.ok(!history.includes(secret), workflowId);
    }
    assert.ok(!gateway.log().includes(WORD));
    assert.deepEqual(await dead(), []);
  });

  it('tell once of videos that fail, are cancelled or are terminated, and of a draft made another way', async () => {
    const [failed, cancelled, terminated] = await Promise.all([order(), order(), order()]);
    const described = await describeRun((ask) => ask(client), terminated);
    await tellReport(gateway.model, identityOf(terminated, described!), {
      video: { id: terminated, tenant: 'local', assetType: 'text_to_image' },
      events: [
        {
          at: '2026-01-01T00:00:00.000Z',
          event: { type: 'draft_fallback', channel: 'local_draft', insteadOf: 'http_channel', why: 'http_503' },
        },
      ],
      progress: { status: 'running', stage: 'compose', waiting: null, branches: { audio: null, visual: null } },
      ...{ title: null, closing: false },
    });
    await told(1, 'the draft is told of');
    const report = { code: 'no_real_picture', message: 'No picture.', degradations: [], cost: null };
    await Promise.all([run(failed).signal(fail, report), run(cancelled).cancel(), run(terminated).terminate()]);
    await run(cancelled).signal('letGo');
    await told(4, 'all three ends are told of');
    await new Promise((resolve) => setTimeout(resolve, 4_000)); // two looks of the reconciler: nothing is told twice
    const events = receiver.requests.map(verified);
    assert.deepEqual(events.map(({ type, data }) => [type, data.id]).sort(), [
      ['video.cancelled', cancelled],
      ['video.draft_fallback', terminated],
      ['video.failed', failed],
      ['video.terminated', terminated],
    ]);
    const of = (type: string) => events.find((event) => event.type === type)?.data;
    assert.equal(of('video.failed')?.error?.code, 'no_real_picture');
    assert.deepEqual(of('video.draft_fallback')?.draft_fallback, {
      ...{ channel: 'local_draft', instead_of: 'http_channel', why: 'http_503' },
    });
  });

  it('become dead letters, which are listed without the address and sent again when asked', async () => {
    const refuse: Answer = (response) => void response.writeHead(503).end();
    const gone: Answer = (response) => void response.writeHead(410).end();
    answers = [refuse, refuse, refuse, refuse];
    const id = await order();
    await run(id).signal(finish, partialResult);
    await until('it is a dead letter', async () => (await dead()).length === 1);
    assert.equal(receiver.requests.length, 4);
    const [letter] = await dead();
    const { id: letterId, failed_at: _when, at: _at, ...rest } = letter!;
    assert.deepEqual(rest, {
      ...{ video_id: id, type: 'video.finished', host: receiver.host, attempts: 4, last_failure: 'http_503' },
    });

    answers = [gone];
    const replay = () => gateway.request('POST', `/api/v1/webhooks/dead-letters/${letterId as string}/replay`);
    assert.equal((await replay()).status, 202);
    await until(
      'one that wants no more is not asked again',
      async () => (await dead())[0]?.['last_failure'] === 'http_410',
    );
    assert.equal(receiver.requests.length, 5);
    assert.equal((await replay()).status, 202);
    await told(6, 'it is taken');
    assert.deepEqual(new Set(idsTold()), new Set([letterId]));
    assert.deepEqual(await dead(), []);
    assert.equal((await replay()).json.error.code, 'DEAD_LETTER_NOT_FOUND');
    assert.equal((await gateway.request('POST', '/api/v1/webhooks/dead-letters/x/replay')).status, 404);
    assert.equal((await gateway.request('GET', '/api/v1/webhooks/dead-letters?limit=0')).status, 400);
  });

  it('belong to the wish that a key names', async () => {
    const key = { 'idempotency-key': 'told' };
    const first = await gateway.post({ ...WISH, webhook_url: hook() }, key);
    const again = await gateway.post({ ...WISH, webhook_url: hook() }, key);
    assert.deepEqual([again.headers.get('idempotent-replayed'), again.json.data.id], ['true', first.json.data.id]);
    const other = await gateway.post({ ...WISH, webhook_url: `${receiver.url}/other` }, key);
    assert.equal(other.json.error.code, 'IDEMPOTENCY_KEY_REUSED');
    await run(first.json.data.id as string).terminate();
    await told(1, 'its end is told of');
  });
});
