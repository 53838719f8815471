import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { killWorker } from './kill-worker.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

const SMALL_FILM = { seconds: 10, width: 360, height: 640 };

describe('a worker killed with kill -9 in the middle of a stage', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  const order = (): Promise<string> => under.order({ duration: SMALL_FILM.seconds });

  for (const [branch, other, kind] of [
    ['audio', 'visual', 'speech'],
    ['visual', 'audio', 'image'],
  ] as const) {
    it(`in the ${branch} branch: only the call in flight is bought again, and it is written as such`, async () => {
      await under.sandbox.reset([{ route: kind, nth: 2, fault: { delayMs: 4000 } }]);
      const id = await order();
      await until('only one call is in flight', async () => {
        const { progress } = await under.video(id);
        const { [branch]: struck, [other]: whole } = progress?.branches ?? { audio: null, visual: null };
        return struck?.settled === 1 && whole?.settled === whole?.total;
      });
      const lost = await killWorker(under, id);
      assert.equal(lost, 1);
      const video = await under.finished(id);

      assert.equal(video.status, 'success', JSON.stringify(video.degradations));
      const purpose = kind === 'speech' ? 'narration' : 'still';
      const lines = video.cost.lines.filter((line) => line.purpose === purpose);
      assert.deepEqual(lines.map(({ attempt, state }) => `${attempt} ${state}`).sort(), [
        '1 bought',
        '1 unknown',
        '2 bought',
      ]);
      assert.equal((await under.sandbox.billed(kind)).length, 3);
      await assertHonestAccount(under, video.cost, { lost });
      await assertPlayable(under, video, SMALL_FILM);
      await assertAtRest(under, id, 'COMPLETED');
    });
  }

  it('while the script is in flight: the second purchase is the last', async () => {
    await under.sandbox.reset([{ route: 'chat', fault: { delayMs: 2500 } }]);
    const id = await order();
    await until('the script is in flight', async () => (await under.sandbox.arrived('chat')).length === 1);
    await killWorker(under, id);
    await until('it is asked for again', async () => (await under.sandbox.arrived('chat')).length === 2);
    await killWorker(under, id);
    const video = await under.ended(id);
    assert.equal(video.status, 'failed');
    assert.match(video.error.message, /not buying a third/);
    assert.deepEqual(
      video.cost?.lines.map(({ attempt, state }) => [attempt, state]),
      [
        [1, 'unknown'],
        [2, 'unknown'],
      ],
    );
    assert.equal((await under.sandbox.arrived('chat')).length, 2);
  });

  it('in the render: the film is made of what there is, and nothing is bought', async () => {
    await under.sandbox.reset();
    const id = await order();
    await under.untilRendering(id);
    const orphans = under.ffmpegs();
    const bought = (await under.sandbox.ledger()).lines.length;
    assert.equal(await killWorker(under, id), 0);
    assert.deepEqual(
      under.ffmpegs().filter((pid) => orphans.includes(pid)),
      [],
      'what it had started is gone before another takes its place',
    );
    const video = await under.finished(id);

    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.equal((await under.sandbox.ledger()).lines.length, bought);
    await assertHonestAccount(under, video.cost);
    await assertPlayable(under, video, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
  });
});
