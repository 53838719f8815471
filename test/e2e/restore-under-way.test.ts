import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { branchWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertAgree } from './agree.ts';
import { restoring } from './restoring.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

const REFUSED = { code: 'OutputImageSensitiveContentDetected', message: 'RAW PROVIDER TEXT' };

describe('a video under way, restored to a checkpoint', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  it('in the middle of its assets: what is in flight settles, and is found; two at once are one', async () => {
    const { eventsOf, names, restore } = restoring(under);
    await under.sandbox.reset([{ route: 'image', nth: 2, fault: { delayMs: 4000 } }]);
    const id = await under.order();
    await under.untilVideo(id, 'waits for one picture', ({ progress }) => {
      return progress?.branches.visual?.settled === 1 && progress.branches.audio?.settled === 2;
    });
    assert.deepEqual(await names(id), ['after_script']);
    const early = await restore(id, 'after_assets');
    assert.deepEqual([early.status, early.error?.code], [409, 'CHECKPOINT_NOT_REACHED']);
    assert.match(early.error?.message ?? '', /There are: after_script\./);
    const unknown = await restore(id, 'yesterday');
    assert.deepEqual([unknown.status, unknown.error?.code], [422, 'CHECKPOINT_UNKNOWN']);

    const both = await Promise.all([restore(id, 'after_script'), restore(id, 'after_script')]);
    assert.deepEqual(both.map(({ status, error }) => `${status} ${error?.code ?? ''}`).sort(), [
      '202 ',
      '409 RESTORE_UNDER_WAY',
    ]);
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    const before = under.client.workflow.getHandle(branchWorkflowId(id, 'visual', 1));
    assert.equal((await before.describe()).status.name, 'COMPLETED', 'cancelled, and returned');
    assert.equal((await under.sandbox.billed('image')).length, 2);
    assert.ok(video.cost.lines.every(({ attempt, state }) => attempt === 1 && state === 'bought'));
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
    assert.equal((await eventsOf(id)).filter(({ type }) => type === 'restored').length, 1);
  });

  it('and cancelled then: it ends, and may be restored again', async () => {
    const { ask, restore, restored } = restoring(under);
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED }]);
    const id = await under.order();
    await under.finished(id);
    await under.sandbox.reset([{ route: 'image', fault: { delayMs: 3000 } }]);
    await restored(id, 'after_script');
    await until('the picture is asked for', async () => (await under.sandbox.arrived('image')).length === 1);
    assert.equal((await ask('DELETE', id)).status, 202);
    const during = await restore(id, 'after_script');
    assert.deepEqual([during.status, during.error?.code], [409, 'STILL_SETTLING']);
    const cancelled = await under.ended(id);
    assert.equal(cancelled.status, 'cancelled');
    await assertAtRest(under, id, 'CANCELLED');

    await restored(id, 'after_script');
    assert.equal((await under.finished(id)).status, 'success');
    assert.equal((await under.sandbox.arrived('image')).length, 1, 'what came after the cancel was paid, and is found');
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('under a worker that is killed: it goes on all the same', async () => {
    const { restored } = restoring(under);
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED }]);
    const id = await under.order();
    await under.finished(id);
    await restored(id, 'after_script');
    await under.untilRendering(id);
    const restarts = under.stack.restarts('worker');
    process.kill(under.stack.pid('worker') as number, 'SIGKILL');
    await until('another has taken its place', () => under.stack.restarts('worker') > restarts);
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('when an operator had terminated it: its branches close first', async () => {
    const { restored } = restoring(under);
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { delayMs: 4000 } }]);
    const id = await under.order();
    await until('a picture is in flight', async () => (await under.sandbox.arrived('image')).length === 2);
    await under.client.workflow.getHandle(workflowIdOf(id)).terminate('by an operator');
    await assertAgree(under, id);
    await restored(id, 'after_script');
    const before = await under.client.workflow.getHandle(branchWorkflowId(id, 'visual', 1)).describe();
    assert.equal(before.status.name, 'COMPLETED');
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.equal((await under.sandbox.arrived('image')).length, 2);
    await assertAtRest(under, id, 'COMPLETED');
  });
});
