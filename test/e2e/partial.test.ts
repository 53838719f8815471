import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { chatSaying } from './chat-answer.ts';
import { assertPlayable } from './film-checks.ts';
import { StackUnderTest } from './stack-under-test.ts';

const SMALL_FILM = { seconds: 5, width: 360, height: 640 };
const REFUSED = { code: 'OutputImageSensitiveContentDetected', message: 'RAW PROVIDER TEXT' };

describe('what a failed scene costs', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  it('one refused picture: the film has its neighbour’s, and says so', async () => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED }]);
    const id = await under.order();
    const video = await under.finished(id);

    assert.equal(video.status, 'partial');
    assert.equal(video.degradations.length, 1);
    const [{ what, why, scene_id: scene, replaced_by: replacedBy, detail }] = video.degradations as [
      (typeof video.degradations)[0],
    ];
    assert.deepEqual([what, why], ['picture', 'content_rejected']);
    assert.match(`${scene} ${replacedBy}`, /^s\d picture of s\d$/);
    assert.doesNotMatch(detail, /RAW PROVIDER TEXT/, 'a provider’s raw text stays inside');
    assert.equal((await under.sandbox.arrived('image')).length, 2, 'a refused prompt is not sent again');
    await assertPlayable(under, video, SMALL_FILM);
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('a provider that has enough for now: the video says why it waits and until when, and loses nothing', async () => {
    const enough = { code: 'ModelAccountRpmRateLimitExceeded', headers: { 'Retry-After': '8' } };
    await under.sandbox.reset([{ route: 'image', count: 2, fault: enough }]);
    const id = await under.order();
    const { waiting } = await under.untilVideo(
      id,
      'says that it waits',
      (video) => video.waiting?.reason === 'rate_limit',
    );
    const left = Date.parse(waiting?.until ?? '') - Date.now();
    assert.ok(left > 0 && left <= 8_000, `${left} ms`);
    const video = await under.finished(id);
    assert.deepEqual([video.status, video.waiting], ['success', null]);
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('one narration that cannot be spoken: its scene has captions and music, and says so', async () => {
    await under.sandbox.reset([{ route: 'speech', nth: 1, fault: { code: 40402003, message: 'RAW PROVIDER TEXT' } }]);
    const id = await under.order();
    const video = await under.finished(id);

    assert.equal(video.status, 'partial');
    assert.deepEqual(
      video.degradations.map(({ what, why, replaced_by: by }) => [what, why, by]),
      [['narration', 'permanent', 'captions and music']],
    );
    await assertPlayable(under, video, SMALL_FILM);
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('all narration lost: a captioned film with music', async () => {
    await under.sandbox.reset([{ route: 'speech', fault: { code: 45000010 } }]);
    const video = await under.finished(await under.order());
    assert.equal(video.status, 'partial');
    assert.deepEqual(
      video.degradations.map(({ what, why }) => [what, why]),
      [
        ['narration', 'provider_auth'],
        ['narration', 'provider_auth'],
      ],
    );
    assert.notEqual(video.captions_url, null);
    await assertPlayable(under, video, SMALL_FILM);
  });

  it('no real picture at all: failed, with the cause and the account', async () => {
    await under.sandbox.reset([{ route: 'image', fault: REFUSED }]);
    const id = await under.order();
    const video = await under.ended(id);

    assert.equal(video.status, 'failed');
    assert.match(video.error.message, /0 of 2 pictures.*content_rejected/);
    assert.ok(video.cost);
    assert.ok(video.cost.lines.every((line) => line.state === 'unused'));
    assert.ok(video.cost.total > 0, 'the script and the narration were paid');
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'FAILED');
  });

  it('a passing fault costs a retry, not the picture', async () => {
    await under.sandbox.reset([
      { route: 'image', nth: 1, fault: { code: 'InternalServiceError' } },
      { route: 'speech', nth: 1, fault: { code: 55000000 } },
    ]);
    const video = await under.finished(await under.order());
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    await assertHonestAccount(under, video.cost);
  });

  it('a script that is invalid is repaired once', async () => {
    await under.sandbox.reset([{ route: 'chat', nth: 1, fault: { body: chatSaying('{"title": 7}'), billed: true } }]);
    const video = await under.finished(await under.order());
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.deepEqual(
      video.cost.lines.filter(({ purpose }) => purpose.startsWith('script')).map(({ purpose }) => purpose),
      ['script', 'script_repair'],
    );
    await assertHonestAccount(under, video.cost);
  });

  it('a script that is invalid twice fails clearly, before anything else is bought', async () => {
    await under.sandbox.reset([{ route: 'chat', fault: { body: chatSaying('no JSON at all'), billed: true } }]);
    const video = await under.ended(await under.order());
    assert.equal(video.status, 'failed');
    assert.match(video.error.message, /script was invalid twice/);
    const { lines } = await under.sandbox.ledger();
    assert.deepEqual(
      lines.map(({ kind }) => kind),
      ['chat', 'chat'],
    );
  });

  it('a branch that is late at the sync point keeps its finished scenes', async () => {
    const gateway = await under.gatewayWith({
      parallel: ({ sync_points: { audio_visual_sync: sync } }) => {
        sync.timeout_seconds_by_asset_type = { text_to_image: 4 };
      },
      fallbacks: ({ asset_generation: pictures }) => {
        pictures.cache_fallback = false;
      },
    });
    // Longer than a settling call is waited for: nothing of it comes back in time.
    await under.sandbox.reset([{ route: 'image', nth: 2, fault: { delayMs: 300_000 } }]);
    const id = await under.order({}, { base: gateway });
    const video = await under.finished(id);

    assert.equal(video.status, 'partial');
    assert.deepEqual(
      video.degradations.map(({ what, why }) => [what, why]),
      [['picture', 'sync_timeout']],
    );
    assert.match(video.degradations[0]?.replaced_by ?? '', /^picture of s\d$/, 'the finished scene is in the film');
    assert.deepEqual(
      video.cost.lines
        .filter(({ purpose }) => purpose === 'still')
        .map(({ state }) => state)
        .sort(),
      ['bought', 'unknown'],
      'what was sent and not heard of may have been paid',
    );
    await assertPlayable(under, video, SMALL_FILM);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('under fail_fast a failed branch fails the video and cancels the other', async () => {
    const gateway = await under.gatewayWith({
      parallel: ({ sync_points: { audio_visual_sync: sync } }) => {
        sync.failure_strategy = 'fail_fast';
      },
    });
    await under.sandbox.reset([
      { route: 'image', fault: REFUSED },
      { route: 'speech', fault: { hang: true } },
    ]);
    const id = await under.order({}, { base: gateway });
    const video = await under.ended(id, 60_000);
    assert.equal(video.status, 'failed');
    assert.match(video.error.message, /visual branch failed.*fail_fast/);
    await assertAtRest(under, id, 'FAILED');
  });

  it('under fail_fast the other way round: pictures that were paid for nothing are told as unused', async () => {
    const gateway = await under.gatewayWith({
      parallel: ({ sync_points: { audio_visual_sync: sync } }) => {
        sync.failure_strategy = 'fail_fast';
      },
    });
    await under.sandbox.reset([
      { route: 'speech', fault: { code: 45000010 } },
      { route: 'image', nth: 2, fault: { hang: true } },
    ]);
    const id = await under.order({}, { base: gateway });
    const video = await under.ended(id, 60_000);
    assert.equal(video.status, 'failed');
    assert.match(video.error.message, /^The audio branch failed/);
    assert.deepEqual(video.cost?.lines.map(({ purpose, state }) => `${purpose} ${state}`).sort(), [
      'script unused',
      'still unknown',
      'still unused',
    ]);
    await assertAtRest(under, id, 'FAILED');
  });

  it('stops buying before it would pass max_cost', async () => {
    await under.sandbox.reset();
    const video = await under.ended(await under.order({ max_cost: 0.25 }));
    assert.ok(video.status === 'partial' || video.status === 'failed');
    assert.ok(video.cost !== null && video.cost.total <= 0.25, JSON.stringify(video.cost));
  });
});
