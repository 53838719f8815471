import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Health } from '../../src/contract/health.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

const PICTURES = 'doubao_text2image';
const RECOVERY_MS = 8_000;
/** The clocks of two processes may differ a little. */
const CLOCKS_MS = 10;
/** A fault of the provider's own, in its own form: nothing was billed. */
const DOWN = { route: 'image', fault: { code: 'InternalServiceError' } } as const;

describe('a provider that is down', () => {
  let under: StackUnderTest;
  before(
    async () =>
      void (under = await StackUnderTest.start(
        {},
        {
          breakers: ({ services }) => {
            services.doubao_text2image = {
              ...services.doubao_text2image,
              ...{ failure_threshold: 2, recovery_timeout: RECOVERY_MS / 1000 },
            };
          },
        },
      )),
  );
  after(() => under.stop());

  const health = async (): Promise<Health> => {
    const response = await under.request('GET', '/health');
    assert.equal(response.status, 200);
    return ((await response.json()) as { data: Health }).data;
  };
  const gauge = async (): Promise<string | undefined> => {
    const text = await (await under.request('GET', '/metrics')).text();
    return new RegExp(`^mcp_bridge_circuit_breaker_state\\{service="${PICTURES}"\\} (\\d)$`, 'm').exec(text)?.[1];
  };

  const arrivals = async () => (await under.sandbox.arrived('image')).map(({ at }) => Date.parse(at));

  it('is left alone, the video says so and until when, and is finished when the provider is back', async () => {
    await until('it is healthy', async () => (await health()).status === 'healthy' && (await gauge()) === '0');
    await under.sandbox.reset([DOWN]);
    const id = await under.order();

    const asked = Date.now();
    let open: Health['circuit_breakers'][number] | undefined;
    await until('the breaker is open', async () => {
      const { status, checks, circuit_breakers: breakers } = await health();
      open = breakers.find(({ state }) => state === 'open');
      if (open !== undefined)
        assert.deepEqual([open.service, status, checks.providers.ok], [PICTURES, 'degraded', false]);
      return open !== undefined;
    });
    const triedAt = Date.parse(open?.until ?? '');
    assert.ok(triedAt > asked && triedAt <= Date.now() + RECOVERY_MS);
    await until('its figure says so', async () => (await gauge()) === '1');

    const { waiting } = await under.untilVideo(id, 'waits', (video) => video.waiting?.reason === 'circuit_open');
    assert.ok(Date.parse(waiting?.until ?? '') >= triedAt - CLOCKS_MS, `${waiting?.until} is not before the try`);

    // Down for one try more: it fails alone, and the breaker opens again.
    await until('it is open again', async () =>
      (await health()).circuit_breakers.some(({ until: next }) => Date.parse(next ?? '') > triedAt),
    );
    const calls = await arrivals();
    const [first, ...tries] = [calls.filter((at) => at < triedAt - CLOCKS_MS), ...calls.slice(2)];
    assert.equal(first.length, 2, 'one call a scene, and then no more');
    assert.ok(tries.length > 0);
    tries.forEach((at, n) => assert.ok(at - (calls[n + 1] ?? 0) >= RECOVERY_MS - CLOCKS_MS, 'one try at a time'));

    await under.sandbox.reset();
    const video = await under.finished(id);
    assert.deepEqual([video.status, video.degradations], ['success', []]);
    assert.equal((await under.sandbox.billed('image')).length, 2, 'each picture is bought once');
    assert.equal((await under.sandbox.arrived('image')).length, 2);
    await assertHonestAccount(under, {
      ...video.cost,
      lines: video.cost.lines.filter(({ purpose }) => purpose === 'still'),
    });
    await assertAtRest(under, id, 'COMPLETED');

    await until('all breakers are at rest', async () => (await health()).circuit_breakers.length === 0);
    await until('it is healthy', async () => (await health()).status === 'healthy' && (await gauge()) === '0');
  });
});
