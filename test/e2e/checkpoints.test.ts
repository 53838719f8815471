import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eq } from 'drizzle-orm';
import { scenes } from '../../src/database/schema.ts';
import { branchWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertAgree } from './agree.ts';
import { EventReader } from './events.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from './until.ts';

const SMALL_FILM = { seconds: 5, width: 360, height: 640 };
const REFUSED = { code: 'OutputImageSensitiveContentDetected', message: 'RAW PROVIDER TEXT' };

interface Answer {
  status: number;
  data?: { status?: string; checkpoints?: { name: string }[] };
  error?: { code: string; message: string };
}

describe('a video restored to a checkpoint', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  async function ask(method: string, at: string, body?: unknown): Promise<Answer> {
    const response = await under.request(method, `/api/v1/videos/${at}`, { body });
    return { ...((await response.json()) as Answer), status: response.status };
  }
  const restore = (id: string, checkpoint: string) => ask('POST', `${id}/restore`, { checkpoint });
  const names = async (id: string) =>
    (await ask('GET', `${id}/checkpoints`)).data?.checkpoints?.map(({ name }) => name);
  const billed = async () => (await under.sandbox.ledger()).lines.length;

  async function eventsOf(id: string) {
    const reader = new EventReader(`${under.stack.urls.gateway}/api/v1/videos/${id}/events`);
    await reader.over;
    return reader.events;
  }

  async function restored(id: string, checkpoint: string): Promise<void> {
    const { status, error } = await restore(id, checkpoint);
    assert.equal(status, 202, JSON.stringify(error));
  }

  it('when it was finished: each of its checkpoints makes the film again, and buys nothing', async () => {
    await under.sandbox.reset();
    const id = await under.order();
    const first = await under.finished(id);
    assert.equal(first.status, 'success');
    const bought = await billed();
    for (const checkpoint of ['after_compose', 'after_assets', 'after_script']) {
      assert.deepEqual(await names(id), ['after_script', 'after_assets', 'after_compose']);
      await restored(id, checkpoint);
      assert.match((await under.video(id)).status, /^(queued|running)$/, 'at once');
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
    const rest = ['assets', 'compose', 'deliver'];
    assert.deepEqual(stages, ['script', ...rest, 'deliver', 'compose', 'deliver', ...rest]);
  });

  it('when it was partial: the failed scene is tried anew, and the film is whole', async () => {
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

  it('in the middle of its assets: what is in flight settles, and is found; two at once are one', async () => {
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
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED }]);
    const id = await under.order();
    await under.finished(id);
    await restored(id, 'after_script');
    await until('ffmpeg works', () => under.ffmpegs().length > 0);
    const restarts = under.stack.restarts('worker');
    process.kill(under.stack.pid('worker') as number, 'SIGKILL');
    await until('another has taken its place', () => under.stack.restarts('worker') > restarts);
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('when an operator had terminated it: its branches close first', async () => {
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

  it('that was named: it is what that run had made, whatever others have made since', async () => {
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

  it('by an operator, in Temporal: the row is taken up again, and nothing is told twice', async () => {
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
    assert.deepEqual(since, [], 'the history that was copied is no news');
  });
});

type Long = NonNullable<
  Parameters<StackUnderTest['client']['workflowService']['resetWorkflowExecution']>[0]['workflowTaskFinishEventId']
>;
