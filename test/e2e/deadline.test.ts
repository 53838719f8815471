import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';

const SMALL_FILM = { seconds: 5, width: 360, height: 640 };

describe('a film with a deadline', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start({}, { storyboard: { critic: true } })));
  after(() => under.stop());

  const orderDueIn = async (seconds: number) => {
    const deadline = new Date(Date.now() + seconds * 1000);
    return { id: await under.order({ deadline: deadline.toISOString() }), deadline };
  };
  const lacks = ({ degradations }: { degradations: { what: string; why: string }[] }) =>
    degradations.map(({ what, why }) => `${what} ${why}`);

  it('that is far has everything', async () => {
    await under.sandbox.reset();
    const { id } = await orderDueIn(3_600);
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.ok(video.cost.lines.some(({ purpose }) => purpose === 'script_critique'));
  });

  it('that leaves no time for the critic is there in time without it, and says so', async () => {
    await under.sandbox.reset();
    const { id, deadline } = await orderDueIn(40);
    const video = await under.finished(id);
    assert.deepEqual([video.status, lacks(video)], ['partial', ['script deadline']]);
    assert.ok(!video.cost.lines.some(({ purpose }) => purpose === 'script_critique'));
    assert.ok(
      Date.parse(video.finished_at) <= deadline.getTime(),
      `${video.finished_at}, due ${deadline.toISOString()}`,
    );
    assert.notEqual(video.draft_url, null);
    await assertHonestAccount(under, video.cost);
    await assertPlayable(under, video, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('does not wait for a picture that would make it late', async () => {
    await under.sandbox.reset([{ route: 'image', nth: 2, fault: { hang: true } }]);
    const { id, deadline } = await orderDueIn(40);
    const video = await under.finished(id);
    assert.deepEqual(lacks(video), ['script deadline', 'picture sync_timeout']);
    assert.ok(
      Date.parse(video.finished_at) <= deadline.getTime(),
      `${video.finished_at}, due ${deadline.toISOString()}`,
    );
    await assertPlayable(under, video, SMALL_FILM);
  });

  it('that no film can meet is there as soon as it can, and says what it goes without', async () => {
    await under.sandbox.reset([{ route: 'image', nth: 2, fault: { hang: true } }]);
    const { id } = await orderDueIn(1);
    const video = await under.finished(id);
    assert.deepEqual(lacks(video), ['script deadline', 'picture sync_timeout', 'picture deadline', 'draft deadline']);
    assert.deepEqual([video.draft_id, video.draft_url], [null, null]);
    await assertPlayable(under, video, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
  });
});
