import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import { scenes } from '../../src/database/schema.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { restoring } from './restoring.ts';
import { StackUnderTest } from './stack-under-test.ts';

const SMALL_FILM = { seconds: 5, width: 360, height: 640 };
const REFUSED = { code: 'OutputImageSensitiveContentDetected', message: 'RAW PROVIDER TEXT' };

describe('a video that had ended, restored to a checkpoint', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  it('when it was finished: each of its checkpoints makes the film again, and buys nothing', async () => {
    const { billed, eventsOf, names, restored } = restoring(under);
    await under.sandbox.reset();
    const id = await under.order();
    const first = await under.finished(id);
    assert.equal(first.status, 'success');
    const bought = await billed();
    for (const checkpoint of ['after_compose', 'after_assets', 'after_script']) {
      assert.deepEqual(await names(id), ['after_script', 'after_assets', 'after_compose']);
      await restored(id, checkpoint);
      // Of a film that is only to be delivered again the end may come before the question.
      const atOnce = checkpoint === 'after_compose' ? /^(queued|running|success)$/ : /^(queued|running)$/;
      assert.match((await under.video(id)).status, atOnce, 'at once');
      const again = await under.finished(id);
      assert.equal(again.status, 'success', JSON.stringify(again.degradations));
      assert.equal(await billed(), bought, checkpoint);
      assert.deepEqual(again.cost, first.cost);
      assert.equal(again.created_at, first.created_at);
      await assertHonestAccount(under, again.cost);
      await assertPlayable(under, again, SMALL_FILM);
      await assertAtRest(under, id, 'COMPLETED');
    }
    const events = await eventsOf(id);
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'restored' ? [event.checkpoint] : [])),
      ['after_compose', 'after_assets', 'after_script'],
    );
    const stages = events.flatMap((event) => (event.type === 'stage_entered' ? [event.stage] : []));
    // The end of a run that only delivers may be known before its stage is told, and nothing comes after an end.
    const told = stages.join(' ').replace('deliver deliver', 'deliver');
    assert.equal(told, 'script assets compose deliver compose deliver assets compose deliver');
  });

  it('when it was partial: the failed scene is tried anew, and the film is whole', async () => {
    const { restored } = restoring(under);
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED }]);
    const id = await under.order();
    assert.equal((await under.finished(id)).status, 'partial');
    await restored(id, 'after_assets');
    const same = await under.finished(id);
    assert.deepEqual([same.status, same.degradations.map(({ why }) => why)], ['partial', ['content_rejected']]);
    assert.equal((await under.sandbox.arrived('image')).length, 2, 'composed of what there was');

    await restored(id, 'after_script');
    const whole = await under.finished(id);
    assert.deepEqual([whole.status, whole.degradations], ['success', []]);
    assert.equal((await under.sandbox.billed('image')).length, 2);
    assert.equal((await under.sandbox.billed('speech')).length, 2);
    await assertHonestAccount(under, whole.cost);
    await assertPlayable(under, whole, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
    const rows = await under.database.run((query) => query.select().from(scenes).where(eq(scenes.videoId, id)));
    assert.deepEqual(new Set(rows.map(({ state, why }) => `${state} ${why}`)), new Set(['complete null']));
  });

  it('by a gateway that dies of it, whenever that is: the video is whole, and may be restored again', async () => {
    const { billed, restore, eventsOf } = restoring(under);
    await under.sandbox.reset();
    const id = await under.order();
    const first = await under.finished(id);
    const bought = await billed();
    for (const afterMs of [5, 30, 120]) {
      const asked = restore(id, 'after_compose').catch(() => null);
      await sleep(afterMs);
      process.kill(under.stack.pid('gateway') as number, 'SIGKILL');
      await asked;
      await under.gatewayAnswers();
      const { status, cost, degradations } = await under.finished(id);
      assert.deepEqual([status, degradations, cost], ['success', [], first.cost]);
    }
    await under.finished(id);
    assert.equal((await restore(id, 'after_compose')).status, 202);
    await under.finished(id);
    assert.equal(await billed(), bought);
    await assertAtRest(under, id, 'COMPLETED');
    // Whether the run was begun or not, whoever reads the events sees a story that holds together.
    const types = (await eventsOf(id)).map(({ type }) => type);
    const begun = types.filter((type) => type === 'restored').length;
    assert.ok(begun >= 1 && begun <= 4, types.join());
    assert.equal(types.filter((type) => type === 'ended').length, begun + 1, types.join());
  });

  it('that was named: it is what that run had made, whatever others have made since', async () => {
    const { ask, restored } = restoring(under);
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED }]);
    const id = await under.order();
    assert.equal((await under.finished(id)).status, 'partial');
    const bad = await ask('POST', `${id}/checkpoints`, { checkpoint: 'with spaces' });
    assert.deepEqual([bad.status, bad.error?.code], [400, 'INVALID_REQUEST']);
    assert.equal((await ask('POST', `${id}/checkpoints`, { checkpoint: 'as-it-was' })).status, 201);
    assert.equal((await ask('POST', `${id}/checkpoints`, { checkpoint: 'as-it-was' })).status, 200);
    assert.deepEqual((await ask('POST', `${id}/checkpoints`)).data, {
      ...((await ask('POST', `${id}/checkpoints`, { checkpoint: 'after_compose' })).data ?? {}),
      name: 'after_compose',
    });
    await restored(id, 'after_script');
    assert.equal((await under.finished(id)).status, 'success');
    const taken = await ask('POST', `${id}/checkpoints`, { checkpoint: 'as-it-was' });
    assert.deepEqual([taken.status, taken.error?.code], [409, 'CHECKPOINT_NAME_TAKEN']);
    await restored(id, 'as-it-was');
    assert.equal((await under.finished(id)).status, 'partial', 'the film as it was');
    await assertAtRest(under, id, 'COMPLETED');
  });
});
