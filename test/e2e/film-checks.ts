import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { decodeFully, probeMedia } from '../../src/render/probe.ts';
import type { StackUnderTest } from './stack-under-test.ts';

/** Downloads a film and checks what a phone, a platform and an impatient viewer would notice. */
export async function assertPlayable(
  under: StackUnderTest,
  film: { video_url: string; duration: number },
  expected: { seconds: number; width: number; height: number; fps?: number },
): Promise<string> {
  const { seconds, width, height, fps = 30 } = expected;
  const bytes = await under.download(film.video_url);
  const file = path.join(under.dataDir, `${path.basename(film.video_url)}.mp4`);
  writeFileSync(file, bytes);

  const { frames } = await decodeFully({
    ffmpeg: under.stack.env['FFMPEG_PATH'] ?? '',
    path: file,
    signal: AbortSignal.timeout(120_000),
  });
  assert.equal(frames, seconds * fps);
  const { video, audio, durationSeconds, container } = await probeMedia(file);
  assert.equal(container, 'MPEG-4');
  assert.ok(Math.abs(durationSeconds - seconds) <= 1 / fps, `${durationSeconds} s`);
  assert.ok(Math.abs(film.duration - seconds) <= 1 / fps, `${film.duration} s`);
  const { codec, profile, chroma, bitDepth, colourPrimaries, colourTransfer, colourMatrix } = video ?? {};
  assert.deepEqual([codec, profile, chroma, bitDepth], ['AVC', 'High', '4:2:0', 8]);
  assert.deepEqual([colourPrimaries, colourTransfer, colourMatrix], ['BT.709', 'BT.709', 'BT.709']);
  assert.deepEqual([video?.width, video?.height, video?.fps], [width, height, fps]);
  assert.deepEqual([audio?.codec, audio?.sampleRate, audio?.channels], ['AAC', 48_000, 2]);
  assert.ok(bytes.indexOf('moov') < bytes.indexOf('mdat'), 'the index comes first, so that it plays while it loads');
  return file;
}

/** Where a film's picture stands still for a third of a second or longer, in seconds; the closing still drifts, too. */
export async function stillFrames(under: StackUnderTest, file: string): Promise<string[]> {
  const args = ['-hide_banner', '-nostats', '-i', file, '-an', '-vf', 'freezedetect=n=-60dB:d=0.33', '-f', 'null', '-'];
  const { stderr } = await promisify(execFile)(under.stack.env['FFMPEG_PATH'] ?? '', args);
  return [...stderr.matchAll(/freeze_start: (\S+)/g)].map(([, at]) => at ?? '');
}
