import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { jobOf } from '../../src/render/job.ts';
import { measureLoudness } from '../../src/render/measure-loudness.ts';
import { BED_SAMPLES } from '../../src/render/music-beds.ts';
import { renderSound } from '../../src/render/sound.ts';
import { MUSIC_BEDS, type MusicSource, type Timeline } from '../../src/timeline/timeline.ts';
import { testFfmpeg, testTimeline } from './films.ts';
import { TestAssets, wavOf } from './fixtures.ts';

const run = promisify(execFile);
const RATE = 48_000;

describe('the film’s sound', { concurrency: false }, () => {
  let root: string;
  let ffmpeg: string;
  let assets: TestAssets;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'sound-test-'));
    ffmpeg = await testFfmpeg();
    assets = new TestAssets(join(root, 'assets'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  /** The sound as a viewer's player gets it: encoded, decoded, mono. */
  async function soundOf(timeline: Timeline, name: string): Promise<{ path: string; samples: Float32Array }> {
    const workDir = join(root, name);
    await mkdir(workDir);
    const job = jobOf(
      { timeline, format: 'mp4', workDir, assetPath: assets.path, ffmpeg },
      new AbortController().signal,
    );
    const path = join(workDir, (await renderSound(job)).name);
    const args = ['-v', 'error', '-i', path, '-ac', '1', '-ar', String(RATE), '-f', 'f32le', '-'];
    const { stdout } = await run(ffmpeg, args, { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
    return { path, samples: new Float32Array(stdout.buffer, stdout.byteOffset, stdout.length / 4) };
  }

  /** A film of music alone. */
  async function musicOnly(source: MusicSource, durationSeconds: number): Promise<Timeline> {
    const timeline = await testTimeline(assets, { music: source, durationSeconds, captions: 'none' });
    return { ...timeline, tracks: { ...timeline.tracks, narration: [] } };
  }

  /** Speech in the middle third of a film, over music that is one tone. */
  async function toneUnderSpeech(): Promise<Timeline> {
    const tone = await assets.put(toneOf({ hertz: 1_000, seconds: 10, gain: 0.3 }), 'audio/wav');
    const timeline = await testTimeline(assets, { music: { kind: 'asset', asset: tone }, durationSeconds: 9 });
    const [first] = timeline.tracks.narration;
    const speech = { ...first!, asset: await assets.speech(3_000), startUs: 3_000_000, durationUs: 3_000_000 };
    return {
      ...timeline,
      tracks: { ...timeline.tracks, narration: [{ ...speech, tempo: 1, sourceDurationUs: 3_000_000 }] },
    };
  }

  for (const gain of [0.02, 0.3, 0.95]) {
    it(`is as loud as the platforms want it from recordings at ${gain} of full scale`, async () => {
      const timeline = await testTimeline(assets, { gain, durationSeconds: 8 });
      const { path } = await soundOf(timeline, `gain-${gain}`);
      const { loudnessLufs, truePeakDbtp } = await measureLoudness({
        path,
        ffmpeg,
        signal: new AbortController().signal,
      });
      assert.ok(Math.abs(loudnessLufs! + 14) <= 1, `${loudnessLufs} LUFS`);
      assert.ok(truePeakDbtp! <= -1, `${truePeakDbtp} dBTP`);
    });
  }

  for (const name of MUSIC_BEDS) {
    it(`${name} goes round without a seam`, async () => {
      const seconds = Math.ceil(BED_SAMPLES[name] / RATE) + 6;
      const { samples } = await soundOf(await musicOnly({ kind: 'bed', name }, seconds), `bed-${name}`);
      const seam = roughness(samples, { at: BED_SAMPLES[name], around: 480 });
      const usual = roughness(samples, { at: BED_SAMPLES[name] / 2, around: BED_SAMPLES[name] / 4 });
      assert.ok(seam <= usual * 1.2, `at the seam ${seam}, elsewhere ${usual}`);
      const [before, behind] = [-1, 1].map((side) => level(samples, BED_SAMPLES[name] + side * 4_800, 4_800));
      assert.ok(before! / behind! > 0.4 && before! / behind! < 2.5, `${before} before, ${behind} behind`);
    });
  }

  it('a recording cut off in a wave begins and ends without a click', async () => {
    // From full scale at the first sample to full scale at the last.
    const cut = await assets.put(
      toneOf({ hertz: 200, seconds: 1.0025 + 0.00125, gain: 0.8, cosine: true }),
      'audio/wav',
    );
    const timeline = await testTimeline(assets, { music: null, durationSeconds: 5 });
    const narration = timeline.tracks.narration.map((segment) => ({ ...segment, asset: cut, tempo: 1 }));
    const { samples } = await soundOf({ ...timeline, tracks: { ...timeline.tracks, narration } }, 'cut');
    const loud = level(samples, secondsOf(narration[0]!.startUs) + RATE / 2, RATE / 4);
    for (const { startUs } of narration) {
      for (const at of [secondsOf(startUs), secondsOf(startUs) + 1.00375 * RATE]) {
        const edge = roughness(samples, { at: Math.round(at), around: 480 });
        assert.ok(edge < loud / 50, `a bend of ${edge} at ${at / RATE} s, where the level is ${loud}`);
      }
    }
  });

  it('lowers the music under speech, and lets it come back', async () => {
    const { samples } = await soundOf(await toneUnderSpeech(), 'ducked');
    const music = (from: number): number => 20 * Math.log10(toneLevel(samples, { hertz: 1_000, from, seconds: 1 }));
    const [alone, under, back] = [music(1.5), music(4), music(6.8)];
    assert.ok(alone - under > 6, `${alone.toFixed(1)} dB alone, ${under.toFixed(1)} dB under speech`);
    assert.ok(Math.abs(alone - back) < 1.5, `${alone.toFixed(1)} dB before, ${back.toFixed(1)} dB after`);
  });

  it('fades the music in and out', async () => {
    const timeline = await musicOnly({ kind: 'bed', name: 'calm' }, 8);
    const { samples } = await soundOf(timeline, 'faded');
    const middle = level(samples, 4 * RATE, RATE);
    assert.ok(level(samples, 0.03 * RATE, 0.03 * RATE) < middle / 5, 'it begins at once');
    assert.ok(level(samples, 7.95 * RATE, 0.05 * RATE) < middle / 8, 'it ends at once');
    assert.equal(samples.length >= 8 * RATE, true);
  });
});

const secondsOf = (us: number): number => Math.round((us * RATE) / 1e6);

/** The sharpest bend of the wave around a place: a click is one sample that no wave explains. */
function roughness(samples: Float32Array, { at, around }: { at: number; around: number }): number {
  let most = 0;
  for (let i = Math.max(1, at - around); i < Math.min(samples.length - 1, at + around); i++) {
    most = Math.max(most, Math.abs(samples[i - 1]! - 2 * samples[i]! + samples[i + 1]!));
  }
  return most;
}

/** Root mean square of the samples around a place. */
function level(samples: Float32Array, at: number, around: number): number {
  const part = samples.subarray(Math.max(0, Math.round(at - around)), Math.round(at + around));
  return Math.sqrt(part.reduce((sum, value) => sum + value ** 2, 0) / part.length);
}

/** How strong one frequency is. */
function toneLevel(
  samples: Float32Array,
  { hertz, from, seconds }: { hertz: number; from: number; seconds: number },
): number {
  const part = samples.subarray(Math.round(from * RATE), Math.round((from + seconds) * RATE));
  let [real, imaginary] = [0, 0];
  for (const [index, value] of part.entries()) {
    const phase = (2 * Math.PI * hertz * index) / RATE;
    real += value * Math.cos(phase);
    imaginary += value * Math.sin(phase);
  }
  return Math.hypot(real, imaginary) / part.length;
}

function toneOf(tone: { hertz: number; seconds: number; gain: number; cosine?: boolean }): Buffer {
  const pcm = Buffer.alloc(Math.round(tone.seconds * RATE) * 2);
  for (let i = 0; i < pcm.length / 2; i++) {
    const phase = (2 * Math.PI * tone.hertz * i) / RATE;
    const value = tone.cosine === true ? Math.cos(phase) : Math.sin(phase);
    pcm.writeInt16LE(Math.round(value * tone.gain * 32_767), i * 2);
  }
  return wavOf(pcm, RATE);
}
