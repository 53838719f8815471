import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Estimate } from '../../src/contract/estimate.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { SMALL, StackUnderTest } from './stack-under-test.ts';

const TEN_SECONDS = { duration: 10 };

describe('under max_cost', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  const estimate = async (wish: Record<string, unknown>): Promise<Estimate> => {
    const response = await under.request('POST', '/api/v1/estimate', { body: { ...SMALL, ...wish } });
    const answer = (await response.json()) as { data: Estimate };
    assert.equal(response.status, 200, JSON.stringify(answer));
    return answer.data;
  };

  const lacks = ({ degradations }: { degradations: { scene_id: string | null; what: string; why: string }[] }) =>
    degradations.map(({ scene_id: scene, what, why }) => `${scene} ${what} ${why}`);

  it('a film is whole where it is enough', async () => {
    await under.sandbox.reset();
    const video = await under.finished(await under.order({ max_cost: 0.5 }));
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.ok(video.cost.total <= 0.5);
  });

  it('it has its first picture and all its voices, then what else can be paid; the same each time', async () => {
    const wish = { ...TEN_SECONDS, max_cost: 0.3 };
    const forecast = (await estimate(wish)).max_cost;
    assert.deepEqual([forecast?.outcome, forecast?.left_out], ['partial', [{ scene_id: 's2', what: 'picture' }]]);
    for (let time = 0; time < 2; time++) {
      await under.sandbox.reset();
      const id = await under.order(wish);
      const video = await under.finished(id);
      assert.equal(video.status, 'partial');
      assert.deepEqual(lacks(video), ['s2 picture max_cost_reached']);
      assert.ok(video.cost.total <= 0.3, String(video.cost.total));
      assert.equal((await under.sandbox.arrived('image')).length, 1, 'what is left out is not asked for');
      assert.equal((await under.sandbox.billed('speech')).length, 2);
      await assertHonestAccount(under, video.cost);
      await assertPlayable(under, video, { seconds: 10, width: 360, height: 640 });
    }
  });

  it('it has captions where even a voice is too dear', async () => {
    await under.sandbox.reset();
    const video = await under.finished(await under.order({ ...TEN_SECONDS, max_cost: 0.205 }));
    assert.deepEqual(lacks(video), [
      's1 narration max_cost_reached',
      's2 narration max_cost_reached',
      's2 picture max_cost_reached',
    ]);
    assert.ok(video.cost.total <= 0.205);
    assert.deepEqual((await under.sandbox.arrived('speech')).length, 0);
    await assertPlayable(under, video, { seconds: 10, width: 360, height: 640 });
  });

  it('that pays the script only: failed, and nothing else was bought', async () => {
    assert.equal((await estimate({ max_cost: 0.15 })).max_cost?.outcome, 'failed');
    await under.sandbox.reset();
    const id = await under.order({ max_cost: 0.15 });
    const video = await under.ended(id);
    assert.equal(video.status, 'failed');
    assert.equal(video.error.code, 'max_cost_reached');
    assert.match(video.error.message, /max_cost \(0\.15 CNY\).*nothing more was bought/);
    assert.ok(video.cost !== null && video.cost.total > 0 && video.cost.total < 0.15);
    assert.ok(video.cost.lines.every(({ purpose, state }) => purpose.startsWith('script') && state === 'unused'));
    const { lines } = await under.sandbox.ledger();
    assert.ok(lines.every(({ kind }) => kind === 'chat'));
    await assertAtRest(under, id, 'FAILED');
  });

  it('that pays no script: failed, and nothing at all was bought', async () => {
    await under.sandbox.reset();
    const video = await under.ended(await under.order({ max_cost: 0.001 }));
    assert.equal(video.status, 'failed');
    assert.equal(video.error.code, 'max_cost_reached');
    assert.deepEqual([video.cost?.total, video.cost?.lines], [0, []]);
    assert.deepEqual((await under.sandbox.ledger()).arrived, []);
  });

  it('of nothing is refused', async () => {
    const response = await under.request('POST', '/api/v1/generate-video', { body: { ...SMALL, max_cost: 0 } });
    assert.equal(response.status, 400);
    const { error } = (await response.json()) as { error: { details: { field: string; message: string }[] } };
    assert.deepEqual(error.details, [{ field: 'max_cost', message: 'must be a number greater than 0, in CNY' }]);
  });
});
