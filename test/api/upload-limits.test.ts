import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import { collect } from '../store/stores.ts';
import { noTemporal, startTestGateway, type Answer, type TestGateway } from './harness.ts';

const sound = (n: number, size = 200): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat([Buffer.from('ID3\x04', 'latin1'), Buffer.alloc(size, n)]));

for (const kind of DATABASES) describe(`a limit of uploads on ${kind.name}`, () => suite(kind.start));

function suite(start: () => Promise<TestDatabase>): void {
  let database: TestDatabase;
  let gateway: TestGateway;
  before(async () => {
    database = await start();
    const limits = { MAX_UPLOADS: '2', MAX_UPLOADS_TOTAL_MB: '0.01' };
    gateway = await startTestGateway(noTemporal(), { ...database.environment, ...limits });
  });
  after(async () => {
    await gateway.stop();
    await database.stop();
  });

  const upload = (body: Uint8Array<ArrayBuffer>): Promise<Answer> =>
    gateway.request('POST', '/api/v1/assets', { body, headers: { 'content-type': 'audio/mpeg' } });
  const forget = (id: string): Promise<Answer> => gateway.request('DELETE', `/api/v1/assets/${id}`);

  it('refuses with the remedy, keeps nothing of what it refuses, and takes more when an upload was forgotten', async () => {
    const first = await upload(sound(1));
    assert.equal((await upload(sound(2))).status, 201);
    assert.equal((await upload(sound(1))).status, 201, 'the same again is no other');
    const refused = await upload(sound(3));
    assert.equal(refused.status, 507);
    assert.deepEqual(
      [refused.json.error.code, refused.json.error.retryable, refused.json.error.recovery_strategy],
      ['UPLOAD_LIMIT_REACHED', false, 'delete_uploads'],
    );
    assert.match(refused.json.error.message, /2 uploads.*DELETE \/api\/v1\/assets\/\{id\}/);
    assert.equal((await collect(gateway.store.list())).length, 2);

    const { id } = first.json.data;
    assert.equal((await forget(id)).status, 204);
    assert.equal((await gateway.request('GET', `/api/v1/assets/${id}`)).status, 200, 'until it is pruned');
    assert.equal((await upload(sound(3))).status, 201);
  });

  it('counts bytes too', async () => {
    for await (const { sha256 } of gateway.uploads.list()) assert.equal((await forget(sha256)).status, 204);
    assert.equal((await upload(sound(4, 8_000))).status, 201);
    const refused = await upload(sound(5, 8_000));
    assert.equal(refused.status, 507);
    assert.match(refused.json.error.message, /MAX_UPLOADS_TOTAL_MB/);
  });

  it('forgets only what was uploaded', async () => {
    const made = await gateway.store.put(Buffer.from('a film'), 'video/mp4');
    assert.equal((await forget(made.sha256)).status, 404);
    assert.equal((await forget('x')).status, 404);
    assert.equal((await gateway.request('GET', `/api/v1/assets/${made.sha256}`)).status, 200);
  });

  it('takes and forgets nothing while the database is away, and goes on when it is back', async () => {
    for await (const { sha256 } of gateway.uploads.list()) assert.equal((await forget(sha256)).status, 204);
    const kept = (await upload(sound(6))).json.data.id;
    const stored = (await collect(gateway.store.list())).length;
    await database.crash();
    try {
      for (const answer of [await upload(sound(7)), await forget(kept)]) {
        assert.deepEqual([answer.status, answer.json.error.code], [503, 'DATABASE_UNAVAILABLE']);
        assert.deepEqual([answer.json.error.retryable, answer.headers.get('retry-after')], [true, '2']);
      }
      assert.equal((await collect(gateway.store.list())).length, stored, 'no bytes without a row');
      assert.equal((await gateway.request('GET', `/api/v1/assets/${kept}`)).status, 200);
    } finally {
      await database.restart();
    }
    assert.equal((await upload(sound(7))).status, 201);
    assert.equal((await forget(kept)).status, 204);
  });
}
