import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';

/** A film of clips, two scenes, as small as they come. */
const MOVING = { ai_asset_type: '文生视频' } as const;

describe('films of clips', () => {
  let under: StackUnderTest;
  before(async () => {
    under = await StackUnderTest.start({}, { parallel: ({ visual_branch: visual }) => (visual.clip_poll_seconds = 0.4) });
  });
  after(() => under.stop());

  it('move, stand still where nothing moves, and are billed by what the provider reports', async () => {
    await under.sandbox.reset();
    const id = await under.order({ ...MOVING, duration: 13 });
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    await assertPlayable(under, video, { seconds: 13, width: 360, height: 640 });
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });
});
