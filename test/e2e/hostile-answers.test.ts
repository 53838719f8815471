import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';

const SMALL_FILM = { seconds: 5, width: 360, height: 640 };
const PAGE = '<html><body>Bad Gateway</body></html>';
const PLAYLIST = `#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n`;

describe('answers that are not what they should be', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  it('cost a call in doubt, or another fetch, but not the film', async () => {
    await under.sandbox.reset([
      { route: 'chat', nth: 1, fault: { body: PAGE, contentType: 'text/html', billed: true } },
      { route: 'speech', nth: 1, fault: { cutAfterBytes: 300 } },
      { route: 'download', nth: 1, fault: { body: PAGE, contentType: 'image/png' } },
      { route: 'download', nth: 2, fault: { body: PLAYLIST, contentType: 'image/jpeg' } },
    ]);
    const id = await under.order();
    const video = await under.finished(id);
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    // The page in place of the script, and the voice that broke off, may have been billed: that is what is told.
    assert.equal(video.cost.lines.filter(({ state }) => state === 'unknown').length, 2);
    await assertHonestAccount(under, video.cost, { lost: 2 });
    await assertPlayable(under, video, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('that point into the network of their own readers are not followed: the scene has its neighbour’s picture', async () => {
    const picture = { model: 'doubao-seedream-4-0-250828', data: [{ url: 'http://169.254.169.254/latest/meta-data' }] };
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { body: picture, billed: true } }]);
    const id = await under.order({ video_theme: 'How to grow tomatoes on a balcony' });
    const video = await under.finished(id);
    assert.equal(video.status, 'partial');
    const [line] = video.degradations;
    assert.deepEqual([line?.what, line?.why], ['picture', 'permanent']);
    assert.match(line?.replaced_by ?? '', /^picture of s\d$/);
    assert.doesNotMatch(JSON.stringify(video), /169\.254/);
    assert.equal((await under.sandbox.billed('image')).length, 2, 'bought once each');
    await assertHonestAccount(under, video.cost);
    await assertPlayable(under, video, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
  });
});
