import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TakeOwnClipInput } from '../../src/activities/own-material.ts';
import { probeMedia } from '../../src/render/probe.ts';
import { madeClip, turnedClip } from '../render/clip-fixtures.ts';
import { KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { newVideoId, useWorkshop } from './workshop.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const FILM: TakeOwnClipInput['film'] = { canvas: { width: 180, height: 320 }, fps: 24, seconds: 10 };
const BARS = 'testsrc2=s=320x180:r=30:d=2';

describe('takeOwnClip', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const workshop = useWorkshop(sandbox);

  const made = (output: readonly string[], name?: string, source = BARS): Promise<Buffer> =>
    madeClip(workshop.deps.ffmpeg, { source, output, ...(name === undefined ? {} : { name }) });
  async function inputOf(bytes: Buffer, { type = 'video/mp4', film = FILM } = {}): Promise<TakeOwnClipInput> {
    const { sha256 } = await workshop.deps.assets.put(bytes, type);
    return { videoId: newVideoId(), sceneId: 's1', clip: sha256, film };
  }
  const take = async (input: TakeOwnClipInput) => {
    const taken = await workshop.run(workshop.activities.takeOwnClip, input);
    const probe = await workshop.deps.assets.withLocalFiles([taken.clip], {
      signal: new AbortController().signal,
      work: (pathOf) => probeMedia(pathOf(taken.clip)),
    });
    return { ...taken, probe };
  };

  it('makes of any codec and rate what every editor reads: H.264, BT.709, the film\u2019s rate, no sound', async () => {
    const bytes = await made(
      [
        '-f',
        'lavfi',
        '-i',
        'sine=d=2',
        '-map',
        '0',
        '-map',
        '1',
        '-c:v',
        'libvpx-vp9',
        '-cpu-used',
        '8',
        '-c:a',
        'libopus',
      ],
      'clip.webm',
    );
    const { width, height, durationMs, model, probe } = await take(await inputOf(bytes, { type: 'video/webm' }));
    assert.equal(model, 'own');
    const { codec, fps, chroma, colourMatrix, colourRange } = probe.video!;
    assert.deepEqual([codec, fps, chroma, colourMatrix, colourRange], ['AVC', 24, '4:2:0', 'BT.709', 'Limited']);
    assert.equal(probe.audio, null);
    // Covers the canvas: 180x320 of a picture that is 16:9.
    assert.deepEqual([width, height], [probe.video!.width, probe.video!.height]);
    assert.ok(width >= 568 && width <= 572 && height === 320, `${width}x${height}`);
    assert.ok(Math.abs(durationMs - 2000) <= 42, String(durationMs));
  });

  it('turns upright what a phone filmed on its side, and takes no more than the film needs', async () => {
    const lying = await made(['-c:v', 'libx264', '-pix_fmt', 'yuv420p']);
    const { width, height, durationMs } = await take(
      await inputOf(await turnedClip(workshop.deps.ffmpeg, lying), { film: { ...FILM, seconds: 1 } }),
    );
    assert.ok(height > width, `${width}x${height}`);
    assert.ok(Math.abs(durationMs - 1000) <= 42, String(durationMs));
  });

  it('makes a usual film of high dynamic range', async () => {
    const hlg = ['-color_primaries', 'bt2020', '-color_trc', 'arib-std-b67', '-colorspace', 'bt2020nc'];
    const source = 'color=0x808080:s=320x180:r=24:d=1';
    const bytes = await made(['-c:v', 'libx264', '-pix_fmt', 'yuv420p10le', ...hlg], 'clip.mp4', source);
    const { probe } = await take(await inputOf(bytes));
    assert.deepEqual([probe.video!.bitDepth, probe.video!.colourTransfer], [8, 'BT.709']);
  });

  it('refuses, unread, a small file that would take gigabytes to show', async () => {
    const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
    const source = 'color=gray:s=1920x1080:r=24:d=0.6';
    for (const shape of ['60/1', '1/60']) {
      const wide = await made([...x264, '-vf', `setsar=${shape}`], 'clip.mp4', source);
      const startedAt = performance.now();
      const failure = await workshop.failure(workshop.activities.takeOwnClip, await inputOf(wide));
      assert.deepEqual([failure.type, failure.nonRetryable], ['unreadable_asset', true]);
      assert.match(failure.message ?? '', /too large: 1920x1080 .* megapixels/);
      assert.ok(performance.now() - startedAt < onABusyMachine(2_000));
    }
    // What cameras and broadcasters make is taken.
    const broadcast = await made([...x264, '-vf', 'scale=720:576,setsar=64/45'], 'clip.mp4', source);
    assert.equal((await take(await inputOf(broadcast))).height, 320);
  });

  it('takes a clip beside an abandoned attempt of its own', async () => {
    const input = await inputOf(await made(['-c:v', 'libx264', '-pix_fmt', 'yuv420p']));
    const both = await Promise.all([take(input), take(input)]);
    assert.deepEqual(both[0].clip, both[1].clip);
  });

  it('refuses for good what cannot be decoded, has no picture, or hardly moves', async () => {
    const whole = await made(['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', '+faststart']);
    const torn = whole.subarray(0, Math.floor(whole.length * 0.4));
    const sound = await made(['-f', 'lavfi', '-i', 'sine=d=1', '-map', '1', '-c:a', 'aac']);
    const blink = await made(['-t', '0.2', '-c:v', 'libx264', '-pix_fmt', 'yuv420p']);
    const text = Buffer.concat([Buffer.from('0000ftypisom'), Buffer.alloc(500, 7)]);
    for (const [name, bytes] of Object.entries({ torn, sound, blink, text })) {
      const failure = await workshop.failure(workshop.activities.takeOwnClip, await inputOf(bytes));
      assert.deepEqual([failure.type, failure.nonRetryable], ['unreadable_asset', true], name);
    }
    const missing = { ...(await inputOf(whole)), clip: '1'.repeat(64) };
    assert.equal((await workshop.failure(workshop.activities.takeOwnClip, missing)).type, 'asset_missing');
  });
});
