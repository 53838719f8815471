import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { wavOf } from '../../src/activities/wav.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { pixelAt } from './pixel.ts';
import { StackUnderTest } from './stack-under-test.ts';

describe('what users bring themselves', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  async function upload(bytes: Buffer, type: string): Promise<string> {
    const response = await fetch(`${under.stack.urls.gateway}/api/v1/assets`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: new Uint8Array(bytes),
    });
    const { data } = (await response.json()) as { data: { id: string } };
    assert.equal(response.status, 201);
    return data.id;
  }

  it('is in the film, and nothing is bought in its place', async () => {
    await under.sandbox.reset();
    const green = sharp({ create: { width: 720, height: 1280, channels: 3, background: { r: 0, g: 160, b: 0 } } });
    const picture = await upload(await green.png().toBuffer(), 'image/png');
    const narration = await upload(tone({ seconds: 1.5, hertz: 440 }), 'audio/wav');
    const id = await under.order({
      duration: 10,
      captions: 'line',
      scenes: [
        { scene: 1, text: '我们自己的话', narration },
        { scene: 2, picture, text: '这是我们的照片' },
      ],
    });
    const video = await under.finished(id);

    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.deepEqual(
      [(await under.sandbox.billed('image')).length, (await under.sandbox.billed('speech')).length],
      [1, 1],
    );
    const captions = (await under.download(video.captions_url ?? '')).toString();
    assert.match(captions, /我们自己的话[^]*这是我们的照片/);
    const film = await assertPlayable(under, video, { seconds: 10, width: 360, height: 640 });
    const { r, g, b } = await pixelAt(under, film, { seconds: 9.5, x: 180, y: 160 });
    assert.ok(g > 120 && r < 60 && b < 60, `the own picture, not rgb(${r}, ${g}, ${b})`);
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('is heard without a voice, too', async () => {
    await under.sandbox.reset();
    const narration = await upload(tone({ seconds: 1.5, hertz: 330 }), 'audio/wav');
    const wish = { enable_tts: false, scenes: [{ scene: 1, text: '我们自己的话', narration }] };
    const video = await under.finished(await under.order(wish));
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.deepEqual(await under.sandbox.billed('speech'), []);
  });

  it('that cannot be read costs its scene, not the film', async () => {
    await under.sandbox.reset();
    const torn = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(300, 1)]);
    const video = await under.finished(
      await under.order({ scenes: [{ scene: 2, picture: await upload(torn, 'image/png') }] }),
    );
    assert.deepEqual(
      video.degradations.map(({ scene_id: scene, what, why }) => [scene, what, why]),
      [['s2', 'picture', 'unreadable_asset']],
    );
  });
});

function tone({ seconds, hertz }: { seconds: number; hertz: number }): Buffer {
  const rate = 24_000;
  const pcm = Buffer.alloc(seconds * rate * 2);
  for (let n = 0; n < seconds * rate; n++)
    pcm.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * hertz * n) / rate)), n * 2);
  return wavOf(pcm, rate);
}
