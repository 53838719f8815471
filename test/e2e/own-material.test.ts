import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { wavOf } from '../../src/activities/wav.ts';
import { madeClip } from '../render/clip-fixtures.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { assertPlayable } from './film-checks.ts';
import { pixelAt } from './pixel.ts';
import { StackUnderTest } from './stack-under-test.ts';

describe('what users bring themselves', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  it('is in the film, and nothing is bought in its place', async () => {
    await under.sandbox.reset();
    const green = sharp({ create: { width: 720, height: 1280, channels: 3, background: { r: 0, g: 160, b: 0 } } });
    const picture = await under.upload(await green.png().toBuffer(), 'image/png');
    const narration = await under.upload(tone({ seconds: 1.5, hertz: 440 }), 'audio/wav');
    const clip = await under.upload(await blueClip(under), 'video/mp4');
    const id = await under.order({
      duration: 10,
      captions: 'line',
      scenes: [
        { scene: 1, text: '我们自己的话', narration, clip },
        { scene: 2, picture, text: '这是我们的照片' },
      ],
    });
    const video = await under.finished(id);

    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.deepEqual(
      [(await under.sandbox.billed('image')).length, (await under.sandbox.billed('speech')).length],
      [0, 1],
    );
    const captions = (await under.download(video.captions_url ?? '')).toString();
    assert.match(captions, /我们自己的话[^]*这是我们的照片/);
    const film = await assertPlayable(under, video, { seconds: 10, width: 360, height: 640 });
    const at = (seconds: number) => pixelAt(under, film, { seconds, x: 180, y: 160 });
    const own = { clip: await at(1.5), picture: await at(9.5) };
    assert.ok(own.clip.b > 120 && own.clip.r < 60, `the own clip, not ${JSON.stringify(own.clip)}`);
    assert.ok(own.picture.g > 120 && own.picture.b < 60, `the own picture, not ${JSON.stringify(own.picture)}`);
    assert.deepEqual(
      video.quality?.scenes.map(({ picture_source: source }) => source),
      ['uploaded', 'uploaded'],
    );
    await assertHonestAccount(under, video.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('is heard without a voice, too', async () => {
    await under.sandbox.reset();
    const narration = await under.upload(tone({ seconds: 1.5, hertz: 330 }), 'audio/wav');
    const wish = { enable_tts: false, scenes: [{ scene: 1, text: '我们自己的话', narration }] };
    const video = await under.finished(await under.order(wish));
    assert.equal(video.status, 'success', JSON.stringify(video.degradations));
    assert.deepEqual(await under.sandbox.billed('speech'), []);
  });

  it('that cannot be read costs its scene, not the film', async () => {
    await under.sandbox.reset();
    const torn = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(300, 1)]);
    const video = await under.finished(
      await under.order({ scenes: [{ scene: 2, picture: await under.upload(torn, 'image/png') }] }),
    );
    assert.deepEqual(
      video.degradations.map(({ scene_id: scene, what, why }) => [scene, what, why]),
      [['s2', 'picture', 'unreadable_asset']],
    );
  });
});

const blueClip = (under: StackUnderTest): Promise<Buffer> =>
  madeClip(under.stack.env['FFMPEG_PATH'] ?? '', {
    source: 'color=0x1020c0:s=640x360:r=25:d=3',
    output: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
  });

function tone({ seconds, hertz }: { seconds: number; hertz: number }): Buffer {
  const rate = 24_000;
  const pcm = Buffer.alloc(seconds * rate * 2);
  for (let n = 0; n < seconds * rate; n++)
    pcm.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * hertz * n) / rate)), n * 2);
  return wavOf(pcm, rate);
}
