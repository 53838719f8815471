import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const WITHIN_MS = 10_000;
/** Scenes at once: three narrations, five pictures. */
const MOST_IN_FLIGHT = 8;

describe('cancelling', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  /** Cancels by HTTP and holds the product to its word. */
  async function assertCancelled(id: string): Promise<void> {
    const asked = Date.now();
    const first = await under.request('DELETE', `/api/v1/videos/${id}`);
    const acknowledged = Date.now();
    assert.equal(first.status, 202);
    const again = await under.request('DELETE', `/api/v1/videos/${id}`);
    assert.equal(again.status, 200, 'asking twice is no fault');
    assert.match((await under.video(id)).status, /^(cancelling|cancelled)$/);

    const video = await under.ended(id);
    assert.equal(video.status, 'cancelled');
    const { closeTime } = await under.client.workflow.getHandle(`video-${id}`).describe();
    assert.ok(Number(closeTime) - asked <= onABusyMachine(WITHIN_MS), `took ${Number(closeTime) - asked} ms`);
    await assertAtRest(under, id, 'CANCELLED');
    // What was paid until then is told, too.
    assert.ok(video.cost);
    await assertHonestAccount(under, video.cost, { lost: MOST_IN_FLIGHT });
    assert.ok(video.cost.lines.every(({ state }) => state !== 'bought'));
    const begunLater = video.cost.lines.filter(({ at }) => Date.parse(at) > acknowledged);
    assert.deepEqual(begunLater, [], 'nothing is begun after the cancel was acknowledged');
    const { arrived } = await under.sandbox.ledger();
    assert.ok(arrived.filter(({ route }) => route !== 'download').length <= video.cost.lines.length);
  }

  it('while the script is written', async () => {
    await under.sandbox.reset([{ route: 'chat', fault: { hang: true } }]);
    const id = await under.order();
    await until('the script is asked for', async () => (await under.sandbox.arrived('chat')).length === 1);
    assert.equal((await under.video(id)).stage, 'script');
    await assertCancelled(id);
    assert.deepEqual((await under.sandbox.ledger()).lines, []);
  });

  it('while assets are made: nothing more is bought', async () => {
    await under.sandbox.reset([
      { route: 'image', fault: { hang: true } },
      { route: 'speech', nth: 2, fault: { hang: true } },
    ]);
    const id = await under.order({ duration: 40 });
    await until('both branches wait', async () => {
      const { arrived } = await under.sandbox.ledger();
      return ['image', 'speech'].every((route) =>
        arrived.some((call) => call.route === route && call.outcome === 'pending'),
      );
    });
    await assertCancelled(id);
    // What the cancel found in flight is billed in this test, not in the next.
    await until('but one voice has spoken', async () => {
      const spoken = await under.sandbox.arrived('speech');
      return spoken.filter(({ outcome }) => outcome === 'pending').length <= 1;
    });
  });

  it('while the film is rendered: no ffmpeg is left', async () => {
    await under.sandbox.reset();
    const id = await under.order({ duration: 30, resolution: '720p' });
    await under.untilRendering(id);
    await assertCancelled(id);
  });

  it('right after it was asked for', async () => {
    await under.sandbox.reset();
    await assertCancelled(await under.order());
  });

  it('is refused for a film that is finished', async () => {
    await under.sandbox.reset();
    const id = await under.order({ enable_tts: false });
    const film = await under.finished(id);
    const response = await under.request('DELETE', `/api/v1/videos/${id}`);
    assert.equal(response.status, 409);
    assert.deepEqual(await under.video(id), film, 'and changes nothing');
  });
});
