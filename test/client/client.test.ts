import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  ApiError,
  ConnectionError,
  InvalidRequestError,
  McpBridgeClient,
  type McpBridgeError,
  NotFoundError,
  UnavailableError,
  WaitAbortedError,
} from '../../src/client/index.ts';
import { ulid } from 'ulid';
import { append } from '../../src/read-model/append.ts';
import { retryAfterMs } from '../../src/client/errors.ts';
import { noTemporal, startTestGateway, type TestGateway } from '../api/harness.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { faultyLine, type Fault, type Passed } from './faulty-line.ts';

const THEME = { video_theme: '一杯手冲咖啡的清晨', duration: 5 };
const PICTURE = new Uint8Array(Buffer.concat([Buffer.from('\xff\xd8\xff\xe0', 'latin1'), Buffer.alloc(200, 7)]));

describe('the client library, against a gateway without Temporal', () => {
  let database: TestDatabase;
  let gateway: TestGateway;
  before(async () => {
    database = await startEmbedded();
    gateway = await startTestGateway(noTemporal(), database.environment);
  });
  after(async () => {
    await gateway.stop();
    await database.stop();
  });

  /** A client behind a line that fails so. */
  async function over(
    faultOf: (passed: Passed, nth: number) => Fault,
    work: (client: McpBridgeClient, line: Awaited<ReturnType<typeof faultyLine>>) => Promise<void>,
    options = {},
  ): Promise<void> {
    const line = await faultyLine(gateway.url, faultOf);
    try {
      await work(new McpBridgeClient({ baseUrl: line.url, ...options }), line);
    } finally {
      line.stop();
    }
  }

  it('says what is wrong with a request, in a class of its own, under the id that the log has', async () => {
    const client = new McpBridgeClient({ baseUrl: `${gateway.url}/` });
    const error = await client
      .estimate({ video_theme: 'x', duration: 1, fps: 7 as 24 })
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof InvalidRequestError && error instanceof ApiError, String(error));
    assert.deepEqual([error.code, error.status, error.retryable], ['INVALID_REQUEST', 400, false]);
    assert.deepEqual(error.details.map(({ field }) => field).sort(), ['duration', 'fps']);
    assert.match(gateway.log(), new RegExp(error.requestId ?? 'none'));
    await assert.rejects(client.getVideo('no video'), NotFoundError);
    assert.throws(() => new McpBridgeClient({ baseUrl: 'gateway:8001' }), /http\(s\) URL/);
  });

  it('estimates, stores, and brings back', async () => {
    const client = new McpBridgeClient({ baseUrl: gateway.url });
    assert.ok((await client.estimate(THEME)).expected > 0);
    const asset = await client.uploadAsset(new Blob([PICTURE]));
    assert.deepEqual([asset.id, asset.media_type], [createHash('sha256').update(PICTURE).digest('hex'), 'image/jpeg']);
    assert.deepEqual(new Uint8Array(await (await client.downloadAsset(asset.url)).arrayBuffer()), PICTURE);
    const part = await client.downloadAsset(asset.id, { range: { start: 2, end: 5 } });
    assert.deepEqual([part.status, new Uint8Array(await part.arrayBuffer())], [206, PICTURE.slice(2, 6)]);
    await client.deleteAsset(asset.id);
    await assert.rejects(client.deleteAsset(asset.id), NotFoundError);
    await assert.rejects(client.downloadAsset('film.mp4'), TypeError);
  });

  it('tells what there is to choose from, how the gateway is set, and what became of videos', async () => {
    const client = new McpBridgeClient({ baseUrl: gateway.url, patienceMs: 0 });
    const [all, english] = [await client.listVoices(), await client.listVoices({ language: 'en' })];
    assert.ok(english.length > 0 && english.length < all.length);
    assert.ok(english.every(({ languages }) => languages.some((language) => language.startsWith('en'))));
    assert.ok((await client.listStyles()).every(({ visual_style }) => visual_style !== ''));
    assert.equal((await client.getConfig()).limits.videos_under_way, gateway.config.maxVideosUnderWay);
    assert.deepEqual(
      (await client.getStats({ window: '1h' })).windows.map(({ window }) => window),
      ['1h'],
    );
    // Only Temporal knows of these.
    for (const asked of [client.listQueues(), client.listWorkers()])
      await assert.rejects(asked, { name: 'UnavailableError', code: 'TEMPORAL_UNAVAILABLE' });
  });

  it('follows all videos over broken lines: a snapshot first, then every event once', async () => {
    const [now, id] = [new Date().toISOString(), `v${ulid()}`];
    const video = { ...{ id, tenant: 'local', runId: 'r', runStartedAt: now }, createdAt: now };
    const happen = (n: number) =>
      append(gateway.model, {
        video: { ...video, assetType: 'text_to_image' },
        events: [
          {
            ...{ key: `${n}`, at: now },
            event: { type: 'scene_settled', branch: 'audio', sceneId: `s${n}`, state: 'complete', why: null },
          },
        ],
        row: () => ({}),
      });
    await happen(0);
    const cut = (_passed: Passed, nth: number): Fault => (nth < 3 ? { cutAfter: `"s${4 * nth}"` } : null);
    await over(cut, async (client, line) => {
      const enough = new AbortController();
      const seen: [place: number, what: string][] = [];
      const reading = (async () => {
        for await (const message of client.events({ signal: enough.signal })) {
          seen.push([message.seq, 'videos' in message ? 'snapshot' : message.video_id]);
          if (seen.length < 12) await happen(seen.length);
          else enough.abort(new Error('enough'));
        }
      })();
      await assert.rejects(reading, { message: 'enough' });
      const [first] = seen[0] ?? [0];
      const expected = Array.from({ length: 12 }, (_, n) => [first + n, n === 0 ? 'snapshot' : id]);
      assert.deepEqual(seen, expected, 'none twice, none left out');
      assert.equal(line.passed.length, 3);
    });
  });

  it('asks again for what can be asked again, and not before Retry-After', async () => {
    const busy = (passed: Passed, nth: number): Fault =>
      passed.path === '/api/v1/health' && nth === 1 ? { answer: 503, headers: { 'retry-after': '1' } } : null;
    await over(busy, async (client, line) => {
      assert.equal((await client.health()).checks.gateway.ok, true);
      const [first, second] = line.passed;
      assert.ok(first !== undefined && second !== undefined && second.at - first.at >= 950, 'a second between them');
    });
    await over(
      () => ({ answer: 429, headers: { 'retry-after': '3600' } }),
      async (client, line) => {
        await assert.rejects(client.health(), { name: 'RateLimitedError', retryAfterMs: 3_600_000, retryable: true });
        assert.equal(line.passed.length, 1, 'an hour is not waited');
      },
    );
    assert.equal(retryAfterMs('Wed, 21 Oct 2026 07:28:00 GMT', Date.UTC(2026, 9, 21, 7, 27, 58)), 2000);
  });

  it('sends nothing twice that could do something twice', async () => {
    await over(
      () => ({ lose: 'answer' }),
      async (client, line) => {
        await assert.rejects(client.uploadAsset(PICTURE), { code: 'CONNECTION_FAILED' });
        await assert.rejects(client.restoreVideo('v0', { checkpoint: 'after_script' }), ConnectionError);
        assert.equal(line.passed.length, 2);
      },
    );
  });

  it('orders under one key however often it must ask, and tells what no gateway answers', async () => {
    await over(
      () => null,
      async (_client, line) => {
        const told: string[] = [];
        const onRetry = ({ code }: McpBridgeError) => void told.push(code);
        const client = new McpBridgeClient({ baseUrl: line.url, patienceMs: 6_000, onRetry });
        // Temporal is away: 503, as long as the patience lasts.
        await assert.rejects(client.startVideo(THEME), (error) => {
          assert.ok(error instanceof UnavailableError && error.code === 'TEMPORAL_UNAVAILABLE', String(error));
          return true;
        });
        const keys = new Set(line.passed.map(({ headers }) => headers['idempotency-key']));
        assert.ok(line.passed.length > 1 && keys.size === 1 && /^[0-9a-f]{32}$/.test(String([...keys][0])));
        assert.deepEqual(told, Array(line.passed.length - 1).fill('TEMPORAL_UNAVAILABLE'));
      },
    );
    await over(
      () => ({ answer: 200, body: '<html>a proxy</html>' }),
      async (client) => {
        await assert.rejects(client.health(), { code: 'UNEXPECTED_ANSWER' });
      },
    );
    const gone = await faultyLine(gateway.url);
    gone.stop();
    const nobody = new McpBridgeClient({ baseUrl: gone.url, patienceMs: 0 });
    await assert.rejects(nobody.health(), { code: 'CONNECTION_FAILED', message: /ECONNREFUSED/ });
  });

  it('gives up on what does not answer, and at once when it is told to', async () => {
    await over(
      () => ({ hang: true }),
      async (client) => {
        await assert.rejects(client.health(), { code: 'TIMED_OUT', retryable: true });
      },
      { answerMs: 100, patienceMs: 0 },
    );
    await over(
      () => ({ hang: true }),
      async (client, line) => {
        const enough = new AbortController();
        const film = client.generateVideo(THEME, { signal: enough.signal, idempotencyKey: 'mine' });
        while (line.passed.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        enough.abort(new Error('enough'));
        const error = await film.catch((reason: unknown) => reason);
        assert.ok(error instanceof WaitAbortedError, String(error));
        assert.deepEqual([error.name, error.videoId, error.idempotencyKey], ['AbortError', null, 'mine']);
        assert.equal((error.cause as Error).message, 'enough');
      },
    );
  });
});
