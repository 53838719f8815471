import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { chatSaying } from './chat-answer.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';

const SMALL_FILM = { seconds: 5, width: 360, height: 640 };
const REFUSED = { code: 'InputTextSensitiveContentDetected', message: 'RAW PROVIDER TEXT' };

/** A word that the service draws under no circumstances stands in the first scene only. */
const FORBIDDEN = '决斗';
const STORY = chatSaying(
  JSON.stringify({
    ...{ title: '古堡的一天', language: 'zh', subject: '一座山上的古堡', look: '清晨的柔光' },
    scenes: [
      { narration: '古堡前有一场老故事。', image_prompt: `两位骑士在古堡前${FORBIDDEN}`, on_screen_text: null },
      { narration: '后来这里只剩安静。', image_prompt: '古堡的院子里开满了花', on_screen_text: null },
    ],
  }),
);
const TELLS_IT = { route: 'chat', nth: 1, fault: { body: STORY, billed: true } } as const;

describe('content that a provider refuses', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start({}, { storyboard: { rewrite_rejected_prompts: true } })));
  after(() => under.stop());

  it('a picture: its prompt is rewritten once, and the scene has a picture of its own', async () => {
    await under.sandbox.reset([TELLS_IT, { route: 'image', match: FORBIDDEN, fault: REFUSED }]);
    const id = await under.order();
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.deepEqual(
      video.quality.scenes.map((scene) => scene.picture_source),
      ['own', 'own'],
    );
    const rewrites = video.cost.lines.filter(({ purpose }) => purpose === 'prompt_rewrite');
    assert.deepEqual(
      rewrites.map(({ scene_id: scene, state }) => [scene, state]),
      [['s1', 'bought']],
    );
    assert.equal((await under.sandbox.arrived('image')).length, 3);
    assert.equal((await under.sandbox.billed('image')).length, 2, 'what is refused is not billed');
    await assertHonestAccount(under, video.cost);
    await assertPlayable(under, video, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('a picture, twice: it stays refused, which the video says, and nobody asks a third time', async () => {
    await under.sandbox.reset([TELLS_IT, { route: 'image', match: '古堡', nth: [1, 3], fault: REFUSED }]);
    const video = await under.finished(await under.order());
    assert.equal(video.status, 'partial');
    const [line] = video.degradations;
    assert.deepEqual([line?.what, line?.why], ['picture', 'content_rejected']);
    assert.match(line?.detail ?? '', /refused again with its prompt rewritten/);
    assert.doesNotMatch(line?.detail ?? '', /RAW PROVIDER TEXT/);
    assert.equal((await under.sandbox.arrived('image')).length, 3);
    await assertHonestAccount(under, video.cost);
  });

  it('a picture whose prompt the chat model refuses too: the refusal stands', async () => {
    await under.sandbox.reset([
      TELLS_IT,
      { route: 'chat', from: 2, fault: REFUSED },
      { route: 'image', match: FORBIDDEN, fault: REFUSED },
    ]);
    const video = await under.finished(await under.order());
    assert.deepEqual(
      video.degradations.map(({ scene_id: scene, what, why }) => [scene, what, why]),
      [['s1', 'picture', 'content_rejected']],
    );
    assert.match(video.degradations[0]?.detail ?? '', /no other prompt was to be had/);
    assert.equal((await under.sandbox.arrived('image')).length, 2);
  });

  it('the theme: failed, after one call that is never repeated', async () => {
    await under.sandbox.reset([{ route: 'chat', fault: REFUSED }]);
    const id = await under.order();
    const video = await under.ended(id);
    assert.equal(video.status, 'failed');
    assert.deepEqual([video.error.code, video.stage], ['content_rejected', 'script']);
    assert.doesNotMatch(video.error.message, /RAW PROVIDER TEXT/);
    assert.deepEqual([video.cost?.total, video.cost?.lines], [0, []]);
    assert.equal((await under.sandbox.arrived('chat')).length, 1);
    await assertAtRest(under, id, 'FAILED');
  });
});
