import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { PermanentError } from '../../src/domain/errors.ts';
import { decodeFully, probeMedia } from '../../src/render/probe.ts';
import {
  renderFilm,
  type RenderedFilm,
  type RenderOptions,
  type RenderProgress,
} from '../../src/render/render-film.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { processesIn, testFfmpeg, testTimeline } from './films.ts';
import { TestAssets } from './fixtures.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const run = promisify(execFile);

describe('renderFilm', { concurrency: false }, () => {
  let root: string;
  let ffmpeg: string;
  let assets: TestAssets;
  let timeline: Timeline;
  let film: RenderedFilm;
  const seen: RenderProgress[] = [];

  const render = (options: Partial<RenderOptions> & Pick<RenderOptions, 'timeline'>): Promise<RenderedFilm> =>
    renderFilm({
      format: 'mp4',
      assetPath: assets.path,
      workDir: join(root, 'film'),
      ffmpeg,
      onProgress: () => {},
      signal: new AbortController().signal,
      ...options,
    });

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'render-test-'));
    ffmpeg = await testFfmpeg();
    assets = new TestAssets(join(root, 'assets'));
    timeline = await testTimeline(assets, { durationSeconds: 6 });
    film = await render({ timeline, onProgress: (progress) => seen.push(progress) });
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('makes exactly the film that was asked for', async () => {
    const probe = await probeMedia(film.videoPath);
    assert.equal(film.frames, 180);
    assert.equal(film.durationSeconds, 6);
    const { video, audio } = probe;
    assert.deepEqual(
      [
        probe.container,
        video?.codec,
        video?.profile,
        video?.level,
        video?.width,
        video?.height,
        video?.fps,
        video?.frames,
      ],
      ['MPEG-4', 'AVC', 'High', '3', 360, 640, 30, 180],
    );
    assert.deepEqual([video?.chroma, video?.bitDepth, video?.colourRange], ['4:2:0', 8, 'Limited']);
    assert.deepEqual(
      [video?.colourPrimaries, video?.colourTransfer, video?.colourMatrix],
      ['BT.709', 'BT.709', 'BT.709'],
    );
    assert.deepEqual([audio?.codec, audio?.sampleRate, audio?.channels], ['AAC', 48_000, 2]);
    for (const seconds of [probe.durationSeconds, video?.durationSeconds, audio?.durationSeconds]) {
      assert.ok(Math.abs((seconds ?? 0) - 6) <= 1 / 30, `${seconds} s`);
    }
  });

  it('decodes to the last frame', async () => {
    assert.deepEqual(await decodeFully({ ffmpeg, path: film.videoPath, signal: new AbortController().signal }), {
      frames: 180,
    });
  });

  it('starts quickly: the index comes before the data', async () => {
    const bytes = await readFile(film.videoPath);
    assert.ok(bytes.indexOf('moov') > 0 && bytes.indexOf('moov') < bytes.indexOf('mdat'));
  });

  it('has no time stamp out of step', async () => {
    const { stdout } = await run(
      ffmpeg,
      ['-v', 'error', '-i', film.videoPath, '-map', '0:v', '-c', 'copy', '-f', 'framecrc', '-'],
      { maxBuffer: 4e6 },
    );
    const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const dts = lines.map((line) => Number(line.split(',')[1]));
    const pts = lines.map((line) => Number(line.split(',')[2])).sort((a, b) => a - b);
    assert.deepEqual(new Set(steps(dts)), new Set([512]));
    assert.deepEqual(new Set(steps(pts)), new Set([512]));
    assert.equal(pts[0], 0);
  });

  it('is as loud as the platforms want it', async () => {
    const { integrated, truePeak } = await loudness(ffmpeg, film.videoPath);
    assert.ok(Math.abs(integrated + 14) <= 1, `${integrated} LUFS`);
    assert.ok(truePeak <= -1, `${truePeak} dBTP`);
  });

  it('tells its progress, never backwards', () => {
    const frames = seen.map(({ doneFrames }) => doneFrames);
    assert.deepEqual(
      frames,
      [...frames].sort((a, b) => a - b),
    );
    assert.deepEqual([...new Set(seen.map(({ phase }) => phase))], ['prepare', 'encode', 'join', 'check', 'done']);
    assert.deepEqual(seen.at(-1), { doneFrames: 180, totalFrames: 180, phase: 'done' });
  });

  it('gives a cover and the captions as files', async () => {
    const cover = await sharp(film.coverPath).metadata();
    assert.deepEqual([cover.format, cover.width, cover.height], ['jpeg', 360, 640]);
    const srt = await readFile(film.captionsPath ?? '', 'utf8');
    assert.match(srt, /^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\n清晨的山谷，阳光正好。\n/);
    assert.match(srt, /\{水壶\}/);
    assert.match(await readFile(film.assPath ?? '', 'utf8'), /\\kf/);
  });

  it('draws the captions in their place, and the words light up', async () => {
    const { startUs, durationUs } = timeline.tracks.captions[0]!;
    const bare = await render({
      timeline: await testTimeline(assets, { durationSeconds: 6, captions: 'none' }),
      workDir: join(root, 'bare'),
    });
    assert.equal(bare.captionsPath, null);
    const early = await difference(film.videoPath, bare.videoPath, (startUs + durationUs * 0.1) / 1e6);
    const late = await difference(film.videoPath, bare.videoPath, (startUs + durationUs * 0.8) / 1e6);
    // The encoder spends its bits otherwise on the two films, so the rest is near but not the same.
    for (const { caption, rest } of [early, late])
      assert.ok(caption > 8 && caption > 5 * rest, `caption ${caption}, rest ${rest}`);
    assert.ok(late.yellow > early.yellow * 2, `karaoke does not move: ${early.yellow} → ${late.yellow}`);
  });

  it('does nothing twice: a second call encodes no segment again', async () => {
    const before = await filesOf(join(root, 'film'), /^(segment|sound)-/);
    assert.ok(Object.keys(before).length >= 6);
    const again = await render({ timeline });
    assert.deepEqual(await filesOf(join(root, 'film'), /^(segment|sound)-/), before);
    assert.equal(again.frames, 180);
    assert.deepEqual(
      (await readdir(join(root, 'film'))).filter((name) => name.startsWith('tmp-')),
      [],
    );
  });

  it(
    'goes on where a killed process ended, and leaves no ffmpeg behind',
    { skip: process.platform !== 'linux' },
    async () => {
      const workDir = join(root, 'killed');
      const long = await testTimeline(assets, { durationSeconds: 12, fps: 60, ratio: '16:9' });
      const timelinePath = join(root, 'killed.json');
      await writeFile(timelinePath, JSON.stringify(long));
      const script = fileURLToPath(new URL('killed-child.ts', import.meta.url));
      const child = spawn(process.execPath, ['--import', 'tsx', script, timelinePath, assets.folder, workDir, ffmpeg], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const [, done, total] = /encode (\d+) (\d+)\n$/.exec(text) ?? [];
        if (Number(done) > Number(total) * 0.4) child.kill('SIGKILL');
      });
      await ended;
      assert.equal(child.signalCode, 'SIGKILL', 'it ended before it was killed');
      await sleep(200);
      assert.deepEqual(processesIn(workDir), []);
      const kept = await filesOf(workDir, /^segment-/);
      assert.ok(Object.keys(kept).length > 0);
      const resumed = await render({ timeline: long, workDir });
      const now = await filesOf(workDir, /^segment-/);
      for (const [name, made] of Object.entries(kept)) assert.equal(now[name], made, `${name} was encoded again`);
      assert.equal((await probeMedia(resumed.videoPath)).video?.frames, 720);
    },
  );

  it('made twice at once, as by one who was taken for dead and his successor, is two whole films', async () => {
    const workDir = join(root, 'twice');
    const short = await testTimeline(assets, { durationSeconds: 3 });
    const films = await Promise.all([render({ timeline: short, workDir }), render({ timeline: short, workDir })]);
    assert.equal(new Set(films.map(({ videoPath }) => videoPath)).size, 2, 'neither has written over the other');
    assert.equal(new Set(films.map(({ captionsPath }) => captionsPath)).size, 2);
    for (const { videoPath } of films) assert.equal((await probeMedia(videoPath)).video?.frames, 90);
  });

  it('stops at once when it is aborted', { skip: process.platform !== 'linux' }, async () => {
    const workDir = join(root, 'aborted');
    const long = await testTimeline(assets, { durationSeconds: 12, fps: 60, ratio: '1:1' });
    const abort = new AbortController();
    let abortedAt = 0;
    const onProgress = ({ doneFrames }: RenderProgress): void => {
      if (doneFrames < 60 || abortedAt > 0) return;
      abortedAt = Date.now();
      abort.abort(new Error('enough'));
    };
    await assert.rejects(render({ timeline: long, workDir, signal: abort.signal, onProgress }), /enough/);
    assert.ok(abortedAt > 0 && Date.now() - abortedAt < onABusyMachine(3_000), `took ${Date.now() - abortedAt} ms`);
    assert.deepEqual(processesIn(workDir), []);
    assert.deepEqual(
      (await readdir(workDir)).filter((name) => name.startsWith('tmp-') || name.startsWith('film')),
      [],
    );
  });

  it('makes WebM too', async () => {
    const other = await testTimeline(assets, { fps: 25, ratio: '4:3', captions: 'line' });
    const { videoPath } = await render({ timeline: other, format: 'webm', workDir: join(root, 'webm') });
    const { container, video, audio, durationSeconds } = await probeMedia(videoPath);
    assert.deepEqual([container, video?.codec, video?.width, video?.height, video?.fps], ['WebM', 'VP9', 480, 360, 25]);
    assert.deepEqual([audio?.codec, audio?.sampleRate, audio?.channels], ['Opus', 48_000, 2]);
    assert.ok(Math.abs(durationSeconds - 5) <= 1 / 25);
    assert.deepEqual(await decodeFully({ ffmpeg, path: videoPath, signal: new AbortController().signal }), {
      frames: 125,
    });
  });

  it('draws a card where there is no picture', async () => {
    const cards = await testTimeline(assets, {
      captions: 'none',
      change: (scenes) =>
        scenes.forEach((scene) => (scene.picture = { kind: 'title_card', text: '未来已来 {now} 🚀' })),
    });
    const { videoPath } = await render({ timeline: cards, workDir: join(root, 'cards') });
    const { data } = await frameAt(videoPath, 1);
    assert.ok(data.filter((value) => value > 235).length > 2_000, 'no white text is visible');
  });

  it('leaves silence silent', async () => {
    const silent = await testTimeline(assets, { music: null, gain: 0 });
    const { videoPath } = await render({ timeline: silent, workDir: join(root, 'silent') });
    const { audio } = await probeMedia(videoPath);
    assert.equal(audio?.codec, 'AAC');
    assert.ok((await loudness(ffmpeg, videoPath)).integrated <= -70);
  });

  it('calls a broken or missing asset by its name, for good', async () => {
    const picture = await assets.put(Buffer.from('<html>no picture</html>'), 'image/png');
    const broken = await testTimeline(assets, {
      change: (scenes) => void (scenes[1]!.picture = { kind: 'still', asset: picture }),
    });
    await assert.rejects(render({ timeline: broken, workDir: join(root, 'broken') }), isPermanent('unreadable_asset'));
    await assert.rejects(
      render({ timeline, workDir: join(root, 'missing'), assetPath: () => '/nowhere/at/all' }),
      isPermanent('asset_missing'),
    );
  });

  async function frameAt(path: string, seconds: number): Promise<{ data: Buffer; width: number; height: number }> {
    const png = join(root, `frame-${Math.random()}.png`);
    await run(ffmpeg, ['-v', 'error', '-ss', seconds.toFixed(3), '-i', path, '-frames:v', '1', '-update', '1', png]);
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  }

  /** Mean difference inside and outside the caption's place, and the share of yellow, between two films. */
  async function difference(path: string, other: string, seconds: number) {
    const [a, b] = await Promise.all([frameAt(path, seconds), frameAt(other, seconds)]);
    const sums = { caption: 0, rest: 0, yellow: 0 };
    const counts = { caption: 0, rest: 0 };
    for (let at = 0; at < a.data.length; at += 3) {
      const y = Math.floor(at / 3 / a.width) / a.height;
      const place = y > 0.7 && y < 0.83 ? 'caption' : 'rest';
      sums[place] += Math.abs(a.data[at]! - b.data[at]!);
      counts[place] += 1;
      const changed = Math.abs(a.data[at + 2]! - b.data[at + 2]!) > 20;
      if (place === 'caption' && changed && a.data[at]! > 200 && a.data[at + 1]! > 160 && a.data[at + 2]! < 130)
        sums.yellow += 1;
    }
    return { caption: sums.caption / counts.caption, rest: sums.rest / counts.rest, yellow: sums.yellow };
  }
});

const steps = (values: readonly number[]): number[] => values.slice(1).map((value, index) => value - values[index]!);

const isPermanent = (code: string) => (error: unknown) => error instanceof PermanentError && error.code === code;

/** Name → inode and time of making: the same only for the same file. */
async function filesOf(folder: string, pattern: RegExp): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => pattern.test(name));
  const entries = names.map(async (name) => {
    const { ino, mtimeMs } = await stat(join(folder, name));
    return [name, `${ino} ${mtimeMs}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function loudness(ffmpeg: string, path: string): Promise<{ integrated: number; truePeak: number }> {
  const { stderr } = await run(
    ffmpeg,
    ['-hide_banner', '-nostats', '-i', path, '-af', 'ebur128=peak=true', '-f', 'null', '-'],
    { maxBuffer: 4e6 },
  );
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  const value = (name: RegExp): number => Number(name.exec(summary)?.[1]);
  return { integrated: value(/I:\s+(-?[\d.]+|-inf) LUFS/), truePeak: value(/Peak:\s+(-?[\d.]+|-inf) dBFS/) };
}
