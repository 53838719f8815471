import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { measureQuality } from '../../src/render/measure-quality.ts';
import { renderFilm, type RenderedFilm } from '../../src/render/render-film.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { boxOf, isBright, type Drawn } from './drawn.ts';
import { testFfmpeg, testTimeline, TEXTS } from './films.ts';
import { evenWords, TestAssets } from './fixtures.ts';

describe('what comes with a film', { concurrency: false }, () => {
  let root: string;
  let ffmpeg: string;
  let assets: TestAssets;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'cover-test-'));
    ffmpeg = await testFfmpeg();
    assets = new TestAssets(join(root, 'assets'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  const signal = new AbortController().signal;
  let films = 0;
  const render = (timeline: Timeline): Promise<RenderedFilm> =>
    renderFilm({
      ...{ timeline, format: 'mp4', ffmpeg, signal, assetPath: assets.path, workDir: join(root, `film-${++films}`) },
      onProgress: () => {},
    });
  /** Only the cover is looked at: the shorter the film the better. */
  const short = (change: NonNullable<Parameters<typeof testTimeline>[1]>): Promise<Timeline> =>
    testTimeline(assets, { durationSeconds: 1.5, fps: 24, music: null, captions: 'none', ...change });
  const flat = async (colour: string) =>
    assets.put(
      await sharp({ create: { width: 400, height: 700, channels: 3, background: colour } })
        .png()
        .toBuffer(),
      'image/png',
    );
  async function coverOf(timeline: Timeline): Promise<Drawn> {
    const { coverPath } = await render(timeline);
    const { data, info } = await sharp(coverPath).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return { rgb: data, width: info.width, height: info.height };
  }
  /** Mean colour of the upper quarter, where neither title nor label stand. */
  function skyOf({ rgb, width, height }: Drawn): number[] {
    const part = rgb.subarray(0, width * Math.round(height / 8) * 3);
    return [0, 1, 2].map((channel) => {
      const values = part.filter((_, at) => at % 3 === channel);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    });
  }
  const near = (one: number[], other: number[]): boolean => one.every((value, at) => Math.abs(value - other[at]!) < 8);

  describe('the cover', () => {
    it('shows the opening picture with the film’s title, in the safe area, and no caption', async () => {
      const plain = await coverOf(await short({ title: ' ', captions: 'karaoke' }));
      const captioned = await coverOf(await short({ title: ' ' }));
      assert.deepEqual(plain.rgb, captioned.rgb);
      const titled = await coverOf(await short({ title: '山谷里的清晨：一个人的徒步' }));
      const changed = Buffer.from(titled.rgb.map((value, at) => (value - plain.rgb[at]! > 40 ? 255 : 0)));
      const box = boxOf({ ...titled, rgb: changed }, isBright)!;
      const { width, height } = titled;
      assert.ok(box.left >= 0.1 * width && box.right <= 0.9 * width, JSON.stringify(box));
      assert.ok(box.top > height / 2 && box.bottom <= 0.8 * height, JSON.stringify(box));
      assert.ok(box.bottom - box.top > 0.08 * height, 'the title is small');
      assert.ok(near(skyOf(titled), skyOf(plain)));
    });

    it('takes another scene’s picture when the opening one shows nothing', async () => {
      const second = skyOf(await coverOf(await short({ change: (scenes) => scenes.splice(0, 1) })));
      for (const colour of ['#000', '#7a7a7a']) {
        const blank = await flat(colour);
        const cover = await coverOf(
          await short({
            change: (scenes) => {
              scenes[0]!.picture = { kind: 'still', asset: blank };
              scenes[2]!.picture = { kind: 'still', asset: blank };
            },
          }),
        );
        assert.ok(near(skyOf(cover), second), `${colour}: ${skyOf(cover).join()} instead of ${second.join()}`);
      }
    });

    it('fits a long title in any language, and one with marks and emoji', async () => {
      const plain = await coverOf(await short({ title: ' ' }));
      for (const title of [
        'How two old friends crossed the whole of the Sahara on bicycles in only forty days',
        'مرحبا بالعالم الجميل في رحلة طويلة',
        '{\\b1}“山”\\N & <谷> 🚀',
      ]) {
        const drawn = await coverOf(await short({ title }));
        const changed = Buffer.from(drawn.rgb.map((value, at) => (value - plain.rgb[at]! > 40 ? 255 : 0)));
        const box = boxOf({ ...drawn, rgb: changed }, isBright)!;
        assert.ok(box.count > 300 && box.left > 0.05 * drawn.width && box.right < 0.95 * drawn.width, title);
        assert.ok(box.top > 0.4 * drawn.height && box.bottom < 0.82 * drawn.height, `${title}: ${JSON.stringify(box)}`);
      }
    });
  });

  it('the quality report says what was measured, and names what is missing', async () => {
    const picture = await assets.picture(1);
    const timeline = await testTimeline(assets, {
      durationSeconds: 8,
      change: (scenes) => {
        scenes[1]!.picture = { kind: 'still', asset: picture };
        scenes[2]!.picture = { kind: 'title_card', text: TEXTS[2]! };
        scenes[2]!.audio = null;
      },
    });
    const { videoPath: path } = await render(timeline);
    const words = new Map(
      timeline.tracks.narration.map(({ sceneId, sourceDurationUs }, index) => [
        sceneId,
        evenWords(TEXTS[index]!, sourceDurationUs / 1000),
      ]),
    );
    const report = await measureQuality({ path, timeline, words, ffmpeg, signal });
    assert.ok(Math.abs(report.loudnessLufs! + 14) <= 1 && report.truePeakDbtp! <= -1, JSON.stringify(report));
    assert.ok(report.durationErrorMs <= 50 && report.captionTimingErrorMs! <= 62, JSON.stringify(report));
    assert.deepEqual(
      report.scenes.map(({ sceneId, pictureSource, narration }) => [sceneId, pictureSource, narration]),
      [
        ['s1', 'own', 'spoken'],
        ['s2', 'own', 'spoken'],
        ['s3', 'title_card', 'silent'],
      ],
    );
    assert.deepEqual(report.belowThreshold, ['picture:s3', 'narration:s3']);
    const told = await measureQuality({
      ...{ path, timeline, words, ffmpeg, signal },
      pictureSources: [{ sceneId: 's2', source: 'neighbour' }],
    });
    assert.deepEqual(told.belowThreshold, ['picture:s2', 'picture:s3', 'narration:s3']);
  });
});
