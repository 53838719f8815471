import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@temporalio/client';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { fail, finish, letGo } from './fixtures/workflows.ts';
import { failureReport, partialResult } from './fixtures/results.ts';
import { startTestGateway, type TestGateway } from './harness.ts';
import { startTemporal, startTestWorker, temporalClient } from './temporal-server.ts';
import { until } from '../until.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const THEME = '介绍我们的新款智能手表';
const KEY = 'a-key-nobody-may-log';

describe('videos', () => {
  let temporal: Awaited<ReturnType<typeof startTemporal>>;
  let worker: Awaited<ReturnType<typeof startTestWorker>>;
  let database: TestDatabase;
  let client: Client;
  let gateway: TestGateway;

  before(async () => {
    [temporal, database] = await Promise.all([startTemporal(), startEmbedded()]);
    client = await temporalClient(temporal.address);
    // A busy machine is slow, and being slow is not what these tests are about.
    gateway = await startTestGateway(client, { STATUS_DEADLINE_SECONDS: '10', ...database.environment });
  });
  after(async () => {
    await gateway.stop();
    await database.stop();
    await client.connection.close();
    await worker.stop();
    await temporal.stop();
  });

  const handleOf = (id: string) => client.workflow.getHandle(workflowIdOf(id));
  const ended = async (id: string): Promise<void> =>
    void (await handleOf(id)
      .result()
      .catch(() => undefined));
  async function startedVideo(): Promise<string> {
    const { json } = await gateway.post({ video_theme: THEME });
    return json.data.id as string;
  }

  it('says why it is not ready, and that a video waits for a worker', async () => {
    const ready = await gateway.request('GET', '/ready');
    assert.equal(ready.status, 503);
    assert.match(ready.json.error.message, /No worker serves the queues orchestration, /);

    const impatient = await startTestGateway(client);
    const { json } = await impatient.post({ video_theme: THEME });
    const video = await impatient.request('GET', `/api/v1/videos/${json.data.id}`);
    assert.equal(video.status, 200);
    assert.deepEqual(video.json.data.waiting, { reason: 'no_worker', until: null });
    assert.equal(video.json.data.status, 'queued');
    assert.ok(video.elapsedMs < onABusyMachine(2000), `${video.elapsedMs} ms`);

    assert.equal((await impatient.request('DELETE', `/api/v1/videos/${json.data.id}`)).status, 202);
    const cancelling = await impatient.request('GET', `/api/v1/videos/${json.data.id}`);
    assert.equal(cancelling.json.data.status, 'cancelling');
    await handleOf(json.data.id).terminate();
    await impatient.stop();
  });

  it('is healthy', async () => {
    worker = await startTestWorker(temporal.address);
    assert.equal((await gateway.request('GET', '/health')).json.data.status, 'healthy');
  });

  it('accepts, shows progress, and ends with the finished data', async () => {
    const posted = await gateway.post({ video_theme: THEME, duration: 15 });
    assert.equal(posted.status, 202);
    const { id } = posted.json.data;
    assert.equal(posted.headers.get('location'), `/api/v1/videos/${id}`);
    assert.equal(posted.json.data.urls.self, `${gateway.url}/api/v1/videos/${id}`);
    assert.equal(posted.headers.get('idempotent-replayed'), null);

    const { json: running } = await gateway.request('GET', `/api/v1/videos/${id}`);
    assert.equal(running.data.status, 'running');
    assert.equal(running.data.progress.branches.audio.scenes[0].scene_id, 's1');
    assert.equal(running.data.progress.render, null);
    assert.equal(running.data.finished_at, null);

    await handleOf(id).signal(finish, partialResult);
    await ended(id);
    const { json: finished } = await gateway.request('GET', `/api/v1/videos/${id}`);
    assert.equal(finished.data.status, 'partial');
    assert.equal(finished.data.stage, 'deliver');
    assert.equal(finished.data.video_url, `${gateway.url}/api/v1/assets/${'a'.repeat(64)}`);
    assert.equal(finished.data.duration, 15);
    assert.equal(finished.data.draft_id, 'mcp-bridge-1');
    assert.equal(finished.data.draft_url, `${gateway.url}/api/v1/assets/${'e'.repeat(64)}`);
    assert.equal(finished.data.degradations[0].replaced_by, 'picture of s1');
    assert.equal(finished.data.cost.lines[0].scene_id, 's1');
    assert.ok(Date.parse(finished.data.finished_at) >= Date.parse(finished.data.created_at));
  });

  it('starts the run with what was asked, and with nothing a person wrote outside its input', async () => {
    const { json } = await gateway.post({ video_theme: THEME, priority: 1, aspect_ratio: '1:1', resolution: '360p' });
    const run = await handleOf(json.data.id).describe();
    assert.equal(run.priority?.priorityKey, 1);
    assert.equal(run.priority?.fairnessKey, 'local');
    assert.deepEqual(run.searchAttributes['assetType'], ['text_to_image']);
    const outside = JSON.stringify([run.memo, run.searchAttributes, await run.staticSummary(), run.workflowId]);
    assert.doesNotMatch(outside, new RegExp(THEME));
    await handleOf(json.data.id).terminate();
    const stopped = await gateway.request('GET', `/api/v1/videos/${json.data.id}`);
    assert.equal(stopped.json.data.status, 'terminated');
  });

  it('refuses one more than may be under way, at once, until one of them has ended', async () => {
    const { json: underWay } = await gateway.request('GET', '/api/v1/videos?status=running&limit=100');
    const MAX_VIDEOS_UNDER_WAY = String((underWay.data.videos as unknown[]).length + 2);
    const full = await startTestGateway(client, { MAX_VIDEOS_UNDER_WAY, ...database.environment });
    const body = { video_theme: THEME };
    const keyed = await full.post(body, { 'idempotency-key': 'before it was full' });
    const answers = await Promise.all(Array.from({ length: 5 }, () => full.post(body)));
    const accepted = [keyed, ...answers].filter(({ status }) => status === 202);
    assert.equal(accepted.length, 2, 'also of those who ask together');
    const refused = answers.find(({ status }) => status === 429);
    assert.equal(refused?.json.error.code, 'TOO_MANY_VIDEOS');
    assert.equal(refused.headers.get('retry-after'), '10');

    const again = await full.post(body, { 'idempotency-key': 'before it was full' });
    assert.equal(again.status, 202, 'what was accepted is told again');
    assert.equal(again.headers.get('idempotent-replayed'), 'true');

    await handleOf(keyed.json.data.id).signal(finish, partialResult);
    await ended(keyed.json.data.id);
    await full.request('GET', `/api/v1/videos/${keyed.json.data.id}`);
    await until('there is room again', async () => (await full.post(body)).status === 202);
    await full.stop();
  });

  it('tells a failed video by the run’s own report', async () => {
    const id = await startedVideo();
    await handleOf(id).signal(fail, failureReport);
    await ended(id);
    const { json } = await gateway.request('GET', `/api/v1/videos/${id}`);
    assert.equal(json.data.status, 'failed');
    assert.deepEqual(json.data.error, {
      ...{ code: 'no_real_pictures', message: 'No picture could be made.' },
      ...{ category: 'TEMPORARY', severity: 'medium', recovery_strategy: 'retry_later' },
    });
    assert.equal(json.data.cost.total, 0.25);
  });

  describe('Idempotency-Key', () => {
    const body = { video_theme: THEME, duration: 20 };

    it('starts one run for a hundred parallel requests, and calls one of them the first', async () => {
      // Two gateways, so that Temporal decides and not one process.
      const second = await startTestGateway(client, { STATUS_DEADLINE_SECONDS: '10', ...database.environment });
      const gateways = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? gateway : second));
      const answers = await Promise.all(gateways.map((one) => one.post(body, { 'idempotency-key': KEY })));
      await second.stop();
      assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [202]);
      assert.equal(new Set(answers.map((answer) => answer.json.data.id)).size, 1);
      assert.equal(answers.filter((answer) => answer.headers.get('idempotent-replayed') === null).length, 1);
    });

    it('takes the same wish in other words for the same body', async () => {
      const other = { duration: 20, video_theme: `  ${THEME} `, ai_asset_type: 'text_to_image' };
      const again = await gateway.post(other, {
        'idempotency-key': KEY,
        'x-request-id': '0190a6f2-7c1b-7cc0-9f11-2b3c4d5e6f70',
      });
      assert.equal(again.status, 202);
      assert.equal(again.headers.get('idempotent-replayed'), 'true');
      assert.equal(again.json.request_id, '0190a6f2-7c1b-7cc0-9f11-2b3c4d5e6f70');
    });

    it('calls a repetition under one request id a replay all the same', async () => {
      const headers = { 'idempotency-key': 'same request id', 'x-request-id': '0190a6f2-7c1b-7cc0-9f11-2b3c4d5e6f71' };
      assert.equal((await gateway.post(body, headers)).headers.get('idempotent-replayed'), null);
      assert.equal((await gateway.post(body, headers)).headers.get('idempotent-replayed'), 'true');
    });

    it('refuses another body', async () => {
      const other = await gateway.post({ ...body, duration: 21 }, { 'idempotency-key': KEY });
      assert.equal(other.status, 422);
      assert.equal(other.json.error.code, 'IDEMPOTENCY_KEY_REUSED');
    });

    it('finds the ended run again, even when the deadline has passed meanwhile', async () => {
      const dated = { ...body, deadline: new Date(Date.now() + 1500).toISOString() };
      const headers = { 'idempotency-key': 'with a deadline' };
      const { json } = await gateway.post(dated, headers);
      await handleOf(json.data.id).signal(finish, partialResult);
      await ended(json.data.id);
      await new Promise((resolve) => setTimeout(resolve, 1600));
      const again = await gateway.post(dated, headers);
      assert.equal(again.status, 202, again.text);
      assert.equal(again.json.data.id, json.data.id);
      assert.equal(again.json.data.status, 'partial');
      assert.match(again.json.message, /^The video is finished, not quite as asked/);
      assert.equal(again.headers.get('idempotent-replayed'), 'true');
      assert.equal((await gateway.post(dated, { 'idempotency-key': 'another key' })).status, 400);

      const waited = await gateway.post(dated, { ...headers, prefer: 'wait=5' });
      assert.equal(waited.status, 200);
      assert.equal(waited.json.data.status, 'partial');
    });
  });

  describe('DELETE', () => {
    it('cancels, repeats itself harmlessly, and ends in cancelled', async () => {
      const id = await startedVideo();
      const first = await gateway.request('DELETE', `/api/v1/videos/${id}`);
      assert.equal(first.status, 202);
      assert.deepEqual(first.json.data, { id, status: 'cancelling' });
      const second = await gateway.request('DELETE', `/api/v1/videos/${id}`);
      assert.equal(second.status, 200);
      assert.equal(second.json.data.status, 'cancelling');
      assert.equal((await gateway.request('GET', `/api/v1/videos/${id}`)).json.data.status, 'cancelling');
      await handleOf(id).signal(letGo);
      await ended(id);
      const third = await gateway.request('DELETE', `/api/v1/videos/${id}`);
      assert.equal(third.status, 200);
      assert.equal(third.json.data.status, 'cancelled');
      assert.equal((await gateway.request('GET', `/api/v1/videos/${id}`)).json.data.status, 'cancelled');
    });

    it('answers 409 for a finished video and 404 for an unknown one', async () => {
      const id = await startedVideo();
      await handleOf(id).signal(finish, partialResult);
      await ended(id);
      const late = await gateway.request('DELETE', `/api/v1/videos/${id}`);
      assert.equal(late.status, 409);
      assert.equal(late.json.error.code, 'ALREADY_FINISHED');
      for (const unknown of ['v01ARZ3NDEKTSV4RRFFQ69G5FAV', 'nothing']) {
        assert.equal((await gateway.request('DELETE', `/api/v1/videos/${unknown}`)).status, 404);
        assert.equal((await gateway.request('GET', `/api/v1/videos/${unknown}`)).json.error.code, 'VIDEO_NOT_FOUND');
      }
    });
  });

  describe('Prefer: wait', () => {
    it('answers with the finished video when it ends in time', async () => {
      const headers = { prefer: 'respond-async, wait=100', 'idempotency-key': 'waiting' };
      const waiting = gateway.post({ video_theme: THEME }, headers);
      const { json } = await gateway.post({ video_theme: THEME }, { 'idempotency-key': 'waiting' });
      await handleOf(json.data.id).signal(finish, partialResult);
      const answer = await waiting;
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('preference-applied'), 'wait=60');
      assert.equal(answer.json.data.video_url, `${gateway.url}/api/v1/assets/${'a'.repeat(64)}`);
    });

    it('answers 202 when it does not', async () => {
      const answer = await gateway.post({ video_theme: THEME }, { prefer: 'wait=1' });
      assert.equal(answer.status, 202);
      assert.equal(answer.headers.get('preference-applied'), 'wait=1');
      assert.ok(answer.elapsedMs > 900 && answer.elapsedMs < onABusyMachine(3000), `${answer.elapsedMs} ms`);
    });

    it('goes on without the client who leaves', async () => {
      const headers = { 'content-type': 'application/json', prefer: 'wait=30', 'idempotency-key': 'leaving' };
      const body = JSON.stringify({ video_theme: THEME });
      const leaving = fetch(`${gateway.url}/api/v1/generate-video`, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(1500),
      });
      await assert.rejects(leaving);
      const again = await gateway.post({ video_theme: THEME }, { 'idempotency-key': 'leaving' });
      assert.equal(again.headers.get('idempotent-replayed'), 'true');
      assert.match(gateway.log(), /"status":499/);
    });
  });

  it('lists by status and type, page by page', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await gateway.request('GET', `/api/v1/videos?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`);
      assert.equal(page.status, 200);
      seen.push(...page.json.data.videos.map((video: { id: string }) => video.id));
      cursor = page.json.data.next_cursor;
    } while (cursor !== null);
    assert.equal(new Set(seen).size, seen.length);
    assert.ok(seen.length > 6);

    const count = async (query: string): Promise<number> => {
      const { json } = await gateway.request('GET', `/api/v1/videos?limit=100&${query}`);
      return json.data.videos.length;
    };
    const whole = await gateway.request('GET', '/api/v1/videos?limit=100');
    const starts = whole.json.data.videos.map((video: { created_at: string }) => video.created_at);
    assert.deepEqual(starts, [...starts].sort().reverse());
    const partial = whole.json.data.videos.filter((video: { status: string }) => video.status === 'partial').length;
    assert.ok(partial >= 3);
    assert.equal(await count('status=partial'), partial);
    assert.equal(await count('status=failed'), 1);
    assert.equal(await count('status=cancelled'), 1);
    assert.equal(await count('asset_type=text_to_video'), 0);
    assert.equal(await count('asset_type=text_to_image'), seen.length);
    assert.equal((await gateway.request('GET', '/api/v1/videos?limit=101')).json.error.details[0].field, 'limit');
    assert.equal((await gateway.request('GET', '/api/v1/videos?cursor=abc')).json.error.details[0].field, 'cursor');
    assert.equal((await gateway.request('GET', '/api/v1/videos?state=x&limit=1&limit=2')).status, 400);
  });

  it('logs neither themes nor keys nor the secret, and logs run and request ids', () => {
    const log = gateway.log();
    assert.match(log, /"workflowId":"video-v/);
    assert.match(log, /"requestId":"0190a6f2-7c1b-7cc0-9f11-2b3c4d5e6f70"/);
    for (const secret of [THEME, KEY, 'a secret of tests']) assert.ok(!log.includes(secret), secret);
  });
});
