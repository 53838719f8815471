import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startTestGateway } from './harness.ts';
import { startTemporal, temporalClient } from './temporal-server.ts';

describe('Temporal frozen, then killed', () => {
  it('answers 503 within two seconds, says so in its health, and recovers by itself', async () => {
    const first = await startTemporal();
    const gateway = await startTestGateway(await temporalClient(first.address));
    assert.equal((await gateway.post({ video_theme: 'x' })).status, 202);

    first.signal('SIGSTOP');
    const frozen = await Promise.all(Array.from({ length: 20 }, () => gateway.post({ video_theme: 'x' })));
    for (const answer of frozen)
      assert.ok(answer.status === 503 && answer.elapsedMs < 2000, `${answer.status}, ${answer.elapsedMs} ms`);
    assert.ok((await gateway.request('GET', '/health')).elapsedMs < 700);
    first.signal('SIGCONT');
    await first.stop();

    const unknown = '/api/v1/videos/v01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const asked = await Promise.all([
      gateway.post({ video_theme: 'x' }),
      gateway.post({ video_theme: 'x' }, { prefer: 'wait=30', 'idempotency-key': 'k' }),
      gateway.request('GET', unknown),
      gateway.request('DELETE', unknown),
      gateway.request('GET', '/api/v1/videos'),
    ]);
    for (const answer of asked) {
      assert.equal(answer.status, 503);
      assert.equal(answer.json.error.code, 'TEMPORAL_UNAVAILABLE');
      assert.equal(answer.json.error.category, 'TEMPORARY');
      assert.equal(answer.json.error.retryable, true);
      assert.equal(answer.headers.get('retry-after'), '2');
      assert.ok(answer.elapsedMs < 2000, `${answer.elapsedMs} ms`);
    }
    assert.equal((await gateway.request('GET', '/health')).json.data.status, 'degraded');
    assert.equal((await gateway.post({ video_theme: '' })).status, 400);

    const second = await startTemporal(first.port);
    const giveUpAt = Date.now() + 20_000;
    while ((await gateway.post({ video_theme: 'x' })).status !== 202) assert.ok(Date.now() < giveUpAt, 'not recovered');
    await gateway.stop();
    await second.stop();
  });
});
