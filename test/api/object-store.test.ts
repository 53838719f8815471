import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { startFaultyLine } from '../store/faulty-line.ts';
import { SET_UP_MS, startS3Server, type S3Server } from '../store/s3-server.ts';
import { collect } from '../store/stores.ts';
import { noTemporal, startTestGateway, type TestGateway } from './harness.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const bytes = Buffer.from(Array.from({ length: 500_000 }, (_, n) => n % 253));

describe('a gateway on an object store', () => {
  let database: TestDatabase;
  let server: S3Server;
  let line: Awaited<ReturnType<typeof startFaultyLine>>;
  let streaming: TestGateway;
  let redirecting: TestGateway;
  before(
    async () => {
      server = await startS3Server();
      line = await startFaultyLine(server.settings.endpoint ?? '');
      database = await startEmbedded();
      const env = {
        ...database.environment,
        S3_BUCKET: server.settings.bucket,
        S3_ENDPOINT: line.endpoint,
        S3_ACCESS_KEY_ID: 'TESTKEY',
        S3_SECRET_ACCESS_KEY: 'a-secret-of-tests',
        S3_FORCE_PATH_STYLE: 'true',
        S3_TIMEOUT_SECONDS: '0.5',
        S3_PREFIX: '/of a/gateway',
      };
      streaming = await startTestGateway(noTemporal(), env);
      redirecting = await startTestGateway(noTemporal(), { ...env, ASSET_DOWNLOADS: 'redirect' });
    },
    { timeout: SET_UP_MS },
  );
  after(async () => {
    await streaming.stop();
    await redirecting.stop();
    await line.stop();
    await server.stop();
    await database.stop();
  });

  it('streams the bytes, whole and in part', async () => {
    const { sha256 } = await streaming.store.put(bytes, 'video/mp4');
    const whole = await fetch(`${streaming.url}/api/v1/assets/${sha256}`);
    assert.deepEqual(Buffer.from(await whole.arrayBuffer()), bytes);
    const part = await fetch(`${streaming.url}/api/v1/assets/${sha256}`, { headers: { range: 'bytes=1000-1999' } });
    assert.deepEqual([part.status, part.headers.get('content-range')], [206, 'bytes 1000-1999/500000']);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(1_000, 2_000));
  });

  it('redirects to where the bytes are for a while; the address itself stays, and no log has the way', async () => {
    const { sha256 } = await redirecting.store.put(bytes, 'video/mp4');
    const at = `${redirecting.url}/api/v1/assets/${sha256}`;
    const answer = await fetch(at, { redirect: 'manual' });
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [307, 'no-store']);
    const target = new URL(answer.headers.get('location') ?? '');
    assert.equal(target.origin, line.endpoint);
    assert.equal(target.searchParams.get('X-Amz-Expires'), '900');

    const followed = await fetch(at, { headers: { range: 'bytes=5-9' } });
    assert.deepEqual([followed.status, followed.headers.get('content-type')], [206, 'video/mp4']);
    assert.equal(followed.headers.get('content-disposition'), `inline; filename="${sha256.slice(0, 16)}.mp4"`);
    assert.deepEqual(Buffer.from(await followed.arrayBuffer()), bytes.subarray(5, 10));

    const head = await redirecting.request('HEAD', `/api/v1/assets/${sha256}`);
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, '500000']);
    const etag = head.headers.get('etag') ?? '';
    assert.equal((await fetch(at, { headers: { 'if-none-match': etag }, redirect: 'manual' })).status, 304);
    assert.equal((await redirecting.request('GET', `/api/v1/assets/${'0'.repeat(64)}`)).status, 404);
    assert.doesNotMatch(redirecting.log() + streaming.log(), /X-Amz|Signature|TESTKEY|a-secret-of-tests/);
  });

  it('takes uploads, counts them for all gateways, and forgets them', async () => {
    const body = new Uint8Array(Buffer.concat([Buffer.from('ID3\x04', 'latin1'), Buffer.alloc(300, 7)]));
    const { status, json } = await streaming.request('POST', '/api/v1/assets', { body });
    assert.equal(status, 201);
    assert.equal((await collect(redirecting.uploads.list())).length, 1);
    assert.equal((await redirecting.request('DELETE', `/api/v1/assets/${json.data.id}`)).status, 204);
    assert.equal((await collect(streaming.uploads.list())).length, 0);
  });

  it('says 503 soon when the store is hung, and nothing of why but in its log', async () => {
    const { sha256 } = await streaming.store.put(Buffer.from('for later'), 'text/plain');
    line.set({ kind: 'hang' });
    try {
      for (const gateway of [streaming, redirecting]) {
        const answer = await gateway.request('GET', `/api/v1/assets/${sha256}`);
        assert.deepEqual([answer.status, answer.json.error.code], [503, 'STORE_UNAVAILABLE']);
        assert.equal(answer.headers.get('retry-after'), '2');
        assert.ok(answer.elapsedMs < onABusyMachine(2_000), `${answer.elapsedMs} ms`);
        assert.match(gateway.log(), /cannot find an asset/);
      }
      const body = new Uint8Array(Buffer.from('ID3\x04 and the rest of a sound', 'latin1'));
      assert.equal((await streaming.request('POST', '/api/v1/assets', { body })).status, 503);
      const wish = await streaming.post({ video_theme: 'a theme', bgm: sha256 });
      assert.deepEqual([wish.status, wish.json.error.code], [503, 'STORE_UNAVAILABLE']);
    } finally {
      line.set({ kind: 'none' });
    }
    assert.equal((await streaming.request('GET', `/api/v1/assets/${sha256}`)).status, 200);
  });
});
