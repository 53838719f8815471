import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { killWorker } from './kill-worker.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

describe('a worker killed with kill -9', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  it('at any instant: the run finishes by itself and the account stays honest', async () => {
    for (const instant of [1, 2, 3]) {
      await under.sandbox.reset();
      const id = await under.order({ duration: 10 });
      // An instant that differs from round to round, told by what has happened, not by a clock.
      await until(
        'so many calls have arrived',
        async () => (await under.sandbox.ledger()).arrived.length >= 2 * instant - 1,
      );
      const lost = await killWorker(under, id);
      const video = await under.finished(id);
      assert.equal(video.status, 'success', JSON.stringify(video.degradations));
      await assertHonestAccount(under, video.cost, { lost });
      await assertAtRest(under, id, 'COMPLETED');
    }
  });

  for (const [stage, route] of [
    ['script', 'chat'],
    ['assets', 'image'],
  ] as const) {
    it(`after a cancel, in the stage ${stage}: the video is cancelled, and nothing is bought once more`, async () => {
      await under.sandbox.reset([{ route, fault: { hang: true } }]);
      const id = await under.order({ duration: 10 });
      await until('the call is in flight', async () => (await under.sandbox.arrived(route)).length > 0);
      await until('the audio branch has settled', async () => {
        const audio = (await under.video(id)).progress?.branches.audio;
        return stage === 'script' || (audio != null && audio.settled === audio.total);
      });
      const asked = (await under.sandbox.ledger()).arrived.length;
      assert.equal((await under.request('DELETE', `/api/v1/videos/${id}`)).status, 202);
      await killWorker(under, id);
      assert.equal((await under.ended(id)).status, 'cancelled');
      assert.equal((await under.sandbox.ledger()).arrived.length, asked);
      await assertAtRest(under, id, 'CANCELLED');
    });
  }
});
