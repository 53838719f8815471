import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Health } from '../../src/contract/health.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from './until.ts';

const PICTURES = 'doubao_text2image';
const RECOVERY_SECONDS = 8;
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
              ...{ failure_threshold: 2, recovery_timeout: RECOVERY_SECONDS },
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

  it('is left alone, the video says so and until when, and is finished when the provider is back', async () => {
    assert.deepEqual([(await health()).status, await gauge()], ['healthy', '0']);
    await under.sandbox.reset([DOWN]);
    const id = await under.order();

    let open: Health | undefined;
    await until('the breaker is open', async () => (open = await health()).circuit_breakers.length > 0);
    const seenOpenAt = Date.now();
    const [breaker] = open?.circuit_breakers ?? [];
    assert.deepEqual([open?.status, open?.checks.providers.ok], ['degraded', false]);
    assert.deepEqual([breaker?.service, breaker?.state, await gauge()], [PICTURES, 'open', '1']);
    const triedAt = Date.parse(breaker?.until ?? '');
    assert.ok(triedAt > seenOpenAt && triedAt <= seenOpenAt + RECOVERY_SECONDS * 1000);

    const { waiting } = await under.untilVideo(id, 'waits', (video) => video.waiting?.reason === 'circuit_open');
    assert.ok(Date.parse(waiting?.until ?? '') >= triedAt - 10, `${waiting?.until} is not before the try`);
    const failed = await under.sandbox.arrived('image');
    assert.equal(failed.length, 2, 'one call a scene, and then no more');

    // Down for one try more: it fails alone, and the breaker opens again.
    await until('it is tried', async () => (await under.sandbox.arrived('image')).length > failed.length);
    assert.ok(Date.parse((await under.sandbox.arrived('image')).at(-1)?.at ?? '') >= triedAt - 10);
    await until('it is open again', async () =>
      (await health()).circuit_breakers.some(({ until: next }) => Date.parse(next ?? '') > triedAt),
    );
    assert.equal((await under.sandbox.arrived('image')).length, failed.length + 1);

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
    assert.deepEqual([(await health()).status, await gauge()], ['healthy', '0']);
  });
});
