import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { assertAgree } from './agree.ts';
import { restoring } from './restoring.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

describe('a run that is reset', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  it('by an operator, in Temporal: the row is taken up again, and nothing is told twice', async () => {
    const { billed, eventsOf } = restoring(under);
    await under.sandbox.reset();
    const id = await under.order();
    await under.finished(id);
    const before = await eventsOf(id);
    const bought = await billed();
    const execution = { workflowId: workflowIdOf(id) };
    const { events } = await under.client.workflow.getHandle(execution.workflowId).fetchHistory();
    const types = (events ?? []).map(({ eventType }) => String(eventType));
    const workflowTasks = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: task, eventId }) =>
      task == null ? [] : [Number(eventId)],
    );
    assert.ok(workflowTasks.length > 2, types.join(' '));
    await under.client.workflowService.resetWorkflowExecution({
      ...{ namespace: 'default', workflowExecution: execution, reason: 'by an operator', requestId: id },
      workflowTaskFinishEventId: workflowTasks.at(-1) as unknown as Long,
    });
    await until(
      'it was taken up',
      async () => (await eventsOf(id)).filter(({ type }) => type === 'ended').length === 2,
    );
    const video = await under.finished(id);
    assert.equal(video.status, 'success');
    assert.equal(await billed(), bought);
    await assertAgree(under, id);
    const told = await eventsOf(id);
    assert.deepEqual(told.slice(0, before.length), before);
    assert.deepEqual({ ...told[before.length], id: 0, at: '' }, { id: 0, at: '', type: 'restored', checkpoint: null });
    const since = told.slice(before.length).filter(({ type }) => type === 'stage_entered' || type === 'scene_settled');
    // The last task is done again: it is the one that delivers.
    const stages = since.map((event) => (event.type === 'stage_entered' ? event.stage : event.type));
    assert.deepEqual(stages, ['deliver'], 'the history that was copied is no news');
  });
});

type Long = NonNullable<
  Parameters<StackUnderTest['client']['workflowService']['resetWorkflowExecution']>[0]['workflowTaskFinishEventId']
>;
