import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import type { Estimate } from '../../src/contract/estimate.ts';
import { assertHonestAccount } from './account.ts';
import { SMALL, StackUnderTest } from './stack-under-test.ts';

/** How far what is expected may be from what is paid, either way. */
const EXPECTED_WITHIN = 1.25;

describe('what a film costs', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start({}, { storyboard: { critic: true } })));
  after(() => under.stop());

  const estimate = async (wish: Record<string, unknown>): Promise<Estimate> => {
    const response = await under.request('POST', '/api/v1/estimate', { body: { ...SMALL, ...wish } });
    const answer = (await response.json()) as { data: Estimate };
    assert.equal(response.status, 200, JSON.stringify(answer));
    return answer.data;
  };
  const picture = () =>
    sharp({ create: { width: 720, height: 1280, channels: 3, background: '#a33' } })
      .jpeg()
      .toBuffer();

  for (const [what, wishOf] of [
    ['a film with everything, and the critic on', async () => ({})],
    ['an English film', async () => ({ video_theme: 'How to grow tomatoes on a balcony', duration: 10 })],
    ['a film without a voice', async () => ({ enable_tts: false })],
    [
      'a film with a picture and words of one’s own',
      async () => ({
        scenes: [{ scene: 1, picture: await under.upload(await picture(), 'image/jpeg'), text: '清晨的第一杯咖啡。' }],
      }),
    ],
  ] as const)
    it(`is near what was expected, and never above the most: ${what}`, async () => {
      await under.sandbox.reset();
      const wish = await wishOf();
      const reckoned = await estimate(wish);
      assert.deepEqual((await under.sandbox.ledger()).arrived, [], 'an estimate buys nothing');
      const { cost } = await under.finished(await under.order(wish));
      await assertHonestAccount(under, cost);
      assert.ok(cost.total <= reckoned.at_most, `${cost.total} of at most ${reckoned.at_most}`);
      const ratio = cost.total / reckoned.expected;
      assert.ok(ratio < EXPECTED_WITHIN && ratio > 1 / EXPECTED_WITHIN, `${cost.total}, expected ${reckoned.expected}`);
      for (const { purpose, price } of cost.lines) {
        const line = reckoned.lines.find((each) => each.purpose === purpose);
        assert.ok(line !== undefined && price <= line.at_most.price, `${purpose}: ${price}`);
      }
    });

  it('is told while it is made, as far as it is paid', async () => {
    await under.sandbox.reset([{ route: 'image', fault: { delayMs: 4_000 } }]);
    const id = await under.order();
    const running = await under.untilVideo(
      id,
      'tells what the script cost',
      (video) => video.cost?.lines.some((line) => line.purpose === 'script' && line.state === 'bought') === true,
    );
    assert.equal(running.status, 'running');
    const sent = await under.untilVideo(
      id,
      'tells of the pictures on their way',
      ({ cost }) => cost?.lines.filter((line) => line.purpose === 'still' && line.state === 'unknown').length === 2,
    );
    assert.equal(sent.status, 'running');
    const { cost } = await under.finished(id);
    assert.ok(cost.lines.every((line) => line.state === 'bought'));
  });

  it('is told of a run that was terminated, from the ledger', async () => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { delayMs: 3_000 } }]);
    const id = await under.order();
    await under.untilVideo(id, 'has bought a picture', ({ cost }) =>
      (cost?.lines ?? []).some((line) => line.purpose === 'still' && line.state === 'bought'),
    );
    await under.client.workflow.getHandle(`video-${id}`).terminate();
    const video = await under.ended(id);
    assert.equal(video.status, 'terminated');
    assert.ok(video.cost !== null && video.cost.total > 0.2, JSON.stringify(video.cost));
    assert.ok(
      video.cost.lines.every((line) => line.state !== 'bought'),
      'there is no film that it is in',
    );
  });
});
