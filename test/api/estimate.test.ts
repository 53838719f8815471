import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { noTemporal, startTestGateway, type TestGateway } from './harness.ts';

/** No Temporal, no database: whatever started or stored something would fail. */
describe('POST /api/v1/estimate', () => {
  let gateway: TestGateway;
  before(async () => void (gateway = await startTestGateway(noTemporal())));
  after(() => gateway.stop());

  const ask = (body: object) =>
    gateway.request('POST', '/api/v1/estimate', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const wish = { video_theme: '介绍我们的新款智能手表', duration: 15 };

  it('answers with what the film would cost, line by line', async () => {
    const { status, json } = await ask(wish);
    assert.equal(status, 200);
    const { data } = json;
    assert.deepEqual([data.currency, data.scenes, data.max_cost], ['CNY', 3, null]);
    assert.ok(data.expected > 0.6 && data.expected < 0.75, String(data.expected));
    assert.ok(data.at_most >= data.expected && data.at_most_with_lost_answers === data.at_most * 2);
    const still = data.lines.find((line: { purpose: string }) => line.purpose === 'still');
    assert.deepEqual(still.expected, { calls: 3, units: { images: 3 }, price: 0.6 });
  });

  it('says what max_cost would leave out', async () => {
    const { json } = await ask({ ...wish, max_cost: 0.5 });
    assert.deepEqual(json.data.max_cost, {
      ...{ limit: 0.5, outcome: 'partial', sure: false },
      left_out: [{ scene_id: 's3', what: 'picture' }],
    });
    assert.match(json.message, /not enough for all/);
  });

  it('refuses what generate-video refuses, in the same words', async () => {
    const bodies: object[] = [
      {},
      { ...wish, duration: 4 },
      { ...wish, voice_type: 'nobody' },
      { ...wish, max_cost: 0 },
      { ...wish, deadline: '2020-01-01T00:00:00Z' },
      { ...wish, bgm: 'a'.repeat(64) },
      { ...wish, scenes: [{ scene: 1, picture: 'b'.repeat(64) }] },
      { ...wish, webhook_url: 'http://a.example/hook' },
      { ...wish, what: 1 },
    ];
    for (const body of bodies) {
      const [estimated, started] = await Promise.all([
        ask(body),
        gateway.request('POST', '/api/v1/generate-video', {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      ]);
      assert.ok(estimated.status >= 400 && estimated.status < 500, JSON.stringify(body));
      assert.deepEqual([estimated.status, estimated.json.error], [started.status, started.json.error]);
    }
  });
});
