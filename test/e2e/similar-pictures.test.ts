import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';

const SMALL_FILM = { seconds: 5, width: 360, height: 640 };
const REFUSED = { code: 'OutputImageSensitiveContentDetected' };

describe('a lost picture, where an earlier film has a similar one', () => {
  let under: StackUnderTest;
  let earlier: string;
  before(async () => {
    under = await StackUnderTest.start();
    earlier = await under.order();
    await under.finished(earlier);
  });
  after(() => under.stop());

  const substituteOf = async (wish: Record<string, unknown>) => {
    const id = await under.order(wish);
    const video = await under.finished(id);
    assert.equal(video.status, 'partial', JSON.stringify(video.degradations));
    return { id, video, line: video.degradations.find(({ what }) => what === 'picture') };
  };
  const refuseOne = () => under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED }]);

  it('shows that one, for nothing, and says whose it is', async () => {
    await refuseOne();
    const { id, video, line } = await substituteOf({});
    assert.deepEqual([line?.why, line?.replaced_by], ['content_rejected', `similar picture of video ${earlier}`]);
    assert.deepEqual(video.quality.scenes.map((scene) => scene.picture_source).sort(), ['own', 'similar']);
    assert.deepEqual(video.quality.below_threshold, [`picture:${line?.scene_id}`]);
    assert.equal((await under.sandbox.billed('image')).length, 1);
    await assertHonestAccount(under, video.cost);
    await assertPlayable(under, video, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
  });

  for (const [what, wish] of [
    ['another theme', { video_theme: 'How to grow tomatoes on a balcony' }],
    ['another style', { visual_style: '水墨画' }],
    ['another ratio', { aspect_ratio: '16:9' }],
  ] as const)
    it(`is not taken for ${what}: the neighbour’s stands there`, async () => {
      await refuseOne();
      const { line } = await substituteOf(wish);
      assert.match(line?.replaced_by ?? '', /^picture of s\d$/);
    });

  it('makes no film by itself: without one real picture it fails', async () => {
    await under.sandbox.reset([{ route: 'image', fault: REFUSED }]);
    const video = await under.ended(await under.order());
    assert.equal(video.status, 'failed');
    assert.equal(video.error.code, 'no_real_pictures');
  });

  it('is not looked for where it is switched off', async () => {
    const gateway = await under.gatewayWith({
      fallbacks: ({ asset_generation: pictures }) => {
        pictures.cache_fallback = false;
      },
    });
    await refuseOne();
    const video = await under.finished(await under.order({}, { base: gateway }));
    assert.match(video.degradations[0]?.replaced_by ?? '', /^picture of s\d$/);
  });
});
