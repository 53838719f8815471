import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startTestGateway } from './harness.ts';
import { startTemporal, temporalClient } from './temporal-server.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const AWAY_MS = 12_000;
/** The pause of two seconds, gRPC's jitter on it, and an answer. */
const FOUND_WITHIN_MS = 10_000;

describe('Temporal away', () => {
  it('frozen, then killed: answers 503 within two seconds, says so in its health, and recovers by itself', async () => {
    const first = await startTemporal();
    const gateway = await startTestGateway(await temporalClient(first.address));
    assert.equal((await gateway.post({ video_theme: 'x' })).status, 202);

    first.signal('SIGSTOP');
    const frozen = await Promise.all(Array.from({ length: 20 }, () => gateway.post({ video_theme: 'x' })));
    for (const answer of frozen)
      assert.ok(
        answer.status === 503 && answer.elapsedMs < onABusyMachine(2000),
        `${answer.status}, ${answer.elapsedMs} ms`,
      );
    assert.ok((await gateway.request('GET', '/health')).elapsedMs < onABusyMachine(700));
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
      assert.ok(answer.elapsedMs < onABusyMachine(2000), `${answer.elapsedMs} ms`);
    }
    assert.equal((await gateway.request('GET', '/health')).json.data.status, 'degraded');
    assert.equal((await gateway.post({ video_theme: '' })).status, 400);

    const second = await startTemporal(first.port);
    const giveUpAt = Date.now() + 240_000;
    while ((await gateway.post({ video_theme: 'x' })).status !== 202) assert.ok(Date.now() < giveUpAt, 'not recovered');
    await gateway.stop();
    await second.stop();
  });

  it('is found again within seconds, however long it was away', async () => {
    const first = await startTemporal();
    const gateway = await startTestGateway(await temporalClient(first.address));
    const asked = async () => (await gateway.request('GET', '/api/v1/videos')).status;
    assert.equal(await asked(), 200);
    await first.stop();
    // Long enough for the pause between two attempts to have grown to its limit.
    for (const end = Date.now() + AWAY_MS; Date.now() < end;) assert.equal(await asked(), 503);

    const second = await startTemporal(first.port);
    const backAt = Date.now();
    while ((await asked()) !== 200) assert.ok(Date.now() - backAt < FOUND_WITHIN_MS, 'not found');
    await gateway.stop();
    await second.stop();
  });
});
