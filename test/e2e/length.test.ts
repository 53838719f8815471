import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { chatSaying } from './chat-answer.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';

/** Within what the script may have, and still too long for the recorded voice: 46 characters in ten seconds. */
const LONG_STORY = {
  title: '海边的一天',
  language: 'zh',
  subject: '一片安静的海滩',
  look: '清晨的柔光',
  scenes: [
    {
      narration: '清晨的海边安静得只剩下一阵阵浪花轻轻拍打沙滩的声音。',
      image_prompt: '清晨的海滩，浪花拍打沙滩',
      on_screen_text: null,
    },
    {
      narration: '孩子们提着小桶慢慢走过还留着潮水痕迹的湿沙。',
      image_prompt: '孩子们提着小桶走过湿沙',
      on_screen_text: null,
    },
  ],
};

describe('a script that is too long for its film', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  it('is shortened once, its longest lines recorded anew, and the film lasts what was asked', async () => {
    await under.sandbox.reset([
      { route: 'chat', nth: 1, fault: { body: chatSaying(JSON.stringify(LONG_STORY)), billed: true } },
    ]);
    const id = await under.order({ video_theme: '海边的一天', duration: 10 });
    const video = await under.finished(id);

    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    const purposes = video.cost.lines.map(({ purpose }) => purpose);
    assert.equal(purposes.filter((purpose) => purpose === 'script_rewrite').length, 1);
    assert.ok(purposes.includes('narration_retake'), purposes.join());
    const retaken = video.cost.lines.filter(({ purpose }) => purpose === 'narration_retake');
    for (const { scene_id: scene, state } of retaken) {
      assert.equal(state, 'bought');
      const first = video.cost.lines.find((line) => line.purpose === 'narration' && line.scene_id === scene);
      assert.equal(first?.state, 'unused', 'the first recording was paid, and is told');
    }
    assert.deepEqual(video.quality.below_threshold, []);
    await assertPlayable(under, video, { seconds: 10, width: 360, height: 640 });
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('is spoken faster, and says so, when nothing shorter can be had', async () => {
    await under.sandbox.reset([
      { route: 'chat', nth: 1, fault: { body: chatSaying(JSON.stringify(LONG_STORY)), billed: true } },
      { route: 'chat', from: 2, fault: { body: chatSaying('no JSON'), billed: true } },
    ]);
    const video = await under.finished(await under.order({ video_theme: '海边的一天', duration: 10 }));
    assert.equal(video.status, 'partial');
    assert.deepEqual(
      video.degradations.map(({ what, why }) => [what, why]),
      [['duration', 'narration_too_long']],
    );
    assert.deepEqual(video.quality.below_threshold, ['narration_tempo']);
  });

  it('is not rewritten when the deadline is near, and says so', async () => {
    await under.sandbox.reset([
      { route: 'chat', nth: 1, fault: { body: chatSaying(JSON.stringify(LONG_STORY)), billed: true } },
    ]);
    // Composing counts for 25 s, a rewrite for twelve more: not enough is left after the branches.
    const deadline = new Date(Date.now() + 37_000).toISOString();
    const video = await under.finished(await under.order({ video_theme: '海边的一天', duration: 10, deadline }));
    assert.deepEqual(
      video.degradations.filter(({ what }) => what !== 'picture').map(({ what, why }) => [what, why]),
      [
        ['narration', 'deadline'],
        ['duration', 'narration_too_long'],
      ],
    );
    assert.ok(!video.cost.lines.some(({ purpose }) => purpose === 'script_rewrite'));
  });
});
