import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ASPECT_RATIOS, canvasFor } from '../../src/domain/canvas.ts';
import { renderFilm } from '../../src/render/render-film.ts';
import { overlayAss } from '../../src/render/subtitles.ts';
import { safeMargins } from '../../src/timeline/safe-area.ts';
import { boxOf, drawAss, isBright } from './drawn.ts';
import { testFfmpeg, testTimeline } from './films.ts';
import { TestAssets } from './fixtures.ts';

const run = promisify(execFile);
const LABEL = { text: 'AI生成', seconds: 1, position: 'top_left', textHeight: 0.05 } as const;

describe('titles as drawn', { concurrency: false }, () => {
  let root: string;
  let ffmpeg: string;
  let assets: TestAssets;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'titles-test-'));
    ffmpeg = await testFfmpeg();
    assets = new TestAssets(join(root, 'assets'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  const film = (onScreenText: string | null, change: Parameters<typeof testTimeline>[1] = {}) =>
    testTimeline(assets, {
      ...{ durationSeconds: 8, fps: 24, music: null, label: LABEL },
      change: (scenes) => void (scenes[1]!.onScreenText = onScreenText),
      ...change,
    });

  async function render(text: string | null) {
    const timeline = await film(text);
    const rendered = await renderFilm({
      ...{
        timeline,
        ffmpeg,
        format: 'mp4',
        assetPath: assets.path,
        workDir: join(root, text === null ? 'bare' : 'titled'),
      },
      ...{ onProgress: () => {}, signal: new AbortController().signal },
    });
    return { ...rendered, timeline };
  }

  it('change the upper third while they are shown, and nothing before or after', async () => {
    const [titled, bare] = [await render('山谷的清晨'), await render(null)];
    const frame = async (path: string, seconds: number): Promise<Buffer> => {
      const filters = ['-vf', 'crop=iw:ih/3:0:0,format=gray', '-frames:v', '1', '-f', 'rawvideo', '-'];
      const from = ['-v', 'error', '-ss', String(seconds), '-i', path];
      return (await run(ffmpeg, [...from, ...filters], { encoding: 'buffer' })).stdout;
    };
    const changed = async (us: number): Promise<number> => {
      const [one, other] = [await frame(titled.videoPath, us / 1e6), await frame(bare.videoPath, us / 1e6)];
      return one.reduce((count, value, at) => count + (Math.abs(value - other[at]!) > 50 ? 1 : 0), 0);
    };
    const { startUs, durationUs } = titled.timeline.tracks.titles[0]!;
    for (const share of [0.3, 0.5, 0.7]) {
      const count = await changed(startUs + durationUs * share);
      assert.ok(count > 800, `${count} pixels at ${share} of its time`);
    }
    for (const us of [
      startUs - 1_000_000,
      startUs - 84_000,
      startUs + durationUs + 42_000,
      startUs + durationUs + 900_000,
    ])
      assert.ok((await changed(us)) < 20, `it is there at ${us} µs`);
    assert.doesNotMatch(await readFile(titled.captionsPath!, 'utf8'), /山谷的清晨/);
  });

  for (const ratio of ASPECT_RATIOS) {
    it(`keep inside the safe area of ${ratio}, below the label`, async () => {
      const canvas = canvasFor(ratio, '360p');
      const { left, right, top } = safeMargins(canvas);
      for (const [text, language] of [
        ['日出', 'zh'],
        ['清晨的第一缕阳光洒在安静的山谷里', 'zh'],
        ['MAXIMUM WWW Summit 2025', 'en'],
        ['مرحبا بكم في الجبل', 'ar'],
      ] as const) {
        const change = { ratio, language, label: { ...LABEL, seconds: 8 }, captions: 'none' } as const;
        const timeline = await film(text, change);
        const { startUs, durationUs } = timeline.tracks.titles[0]!;
        const frames = { start: 0, end: 8 * 24 };
        const drawn = { canvas, texts: [text], root, ffmpeg, atSeconds: (startUs + durationUs / 2) / 1e6 };
        const both = await drawAss(overlayAss(timeline, frames)!, drawn);
        // The label alone, taken off.
        const bare = { ...timeline, tracks: { ...timeline.tracks, titles: [] } };
        const label = await drawAss(overlayAss(bare, frames)!, drawn);
        const labelBox = boxOf(label, isBright)!;
        const rgb = Buffer.from(both.rgb.map((value, at) => Math.abs(value - label.rgb[at]!)));
        const box = boxOf({ ...both, rgb }, isBright)!;
        const where = `${text}: ${JSON.stringify(box)} of ${JSON.stringify(canvas)}`;
        assert.ok(box.left >= left * canvas.width && box.right <= (1 - right) * canvas.width, where);
        assert.ok(box.top >= labelBox.bottom && box.top >= top * canvas.height, where);
        assert.ok(box.bottom <= canvas.height * 0.345, where);
      }
    });
  }
});
