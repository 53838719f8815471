import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { loadConfig } from '../../src/config.ts';
import { AigcMetadata } from '../../src/domain/aigc-metadata.ts';
import { ASPECT_RATIOS, canvasFor } from '../../src/domain/canvas.ts';
import { aigcMetadata, labelFor } from '../../src/domain/labelling.ts';
import { readMediaInfo } from '../../src/render/media-info.ts';
import { renderFilm, type RenderedFilm } from '../../src/render/render-film.ts';
import { overlayAss } from '../../src/render/subtitles.ts';
import { layLabels } from '../../src/timeline/labels.ts';
import { safeMargins } from '../../src/timeline/safe-area.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { boxOf, drawAss, isBright } from './drawn.ts';
import { testFfmpeg, testTimeline } from './films.ts';
import { TestAssets } from './fixtures.ts';

const run = promisify(execFile);
const { labelling } = loadConfig();
const LANGUAGES = { zh: 'AI生成', 'zh-Hant-TW': 'AI生成', en: 'AI-generated', ko: 'AI 생성', sw: 'AI-generated' };

describe('labelling', { concurrency: false }, () => {
  let root: string;
  let ffmpeg: string;
  let assets: TestAssets;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'labelling-test-'));
    ffmpeg = await testFfmpeg();
    assets = new TestAssets(join(root, 'assets'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  const aigc = aigcMetadata({ videoId: 'v01JABCDEFGHJKMNPQRSTVWXYZ0', labelling });

  async function render(
    format: 'mp4' | 'webm',
    change: Parameters<typeof testTimeline>[1] = {},
  ): Promise<RenderedFilm> {
    return renderFilm({
      timeline: await testTimeline(assets, {
        captions: 'none',
        music: null,
        durationSeconds: 4,
        fps: 24,
        label: labelFor('zh', labelling),
        ...change,
      }),
      ...{
        format,
        ffmpeg,
        aigc,
        assetPath: assets.path,
        workDir: join(root, `${format}-${JSON.stringify(change).length}`),
      },
      ...{ onProgress: () => {}, signal: new AbortController().signal },
    });
  }

  it('says it in the film’s language', () => {
    for (const [language, text] of Object.entries(LANGUAGES)) {
      assert.equal(labelFor(language, labelling)?.text, text, language);
    }
    assert.equal(labelFor('zh', { ...labelling, visible: false }), null);
  });

  for (const ratio of ASPECT_RATIOS) {
    it(`is large enough and inside the safe area of ${ratio}`, async () => {
      const canvas = canvasFor(ratio, '360p');
      const { left, right, top } = safeMargins(canvas);
      for (const text of new Set(Object.values(LANGUAGES))) {
        for (const position of ['top_left', 'top_right'] as const) {
          const label = { ...labelFor('en', labelling)!, text, position };
          const tracks = { captions: [], labels: layLabels(label, { totalFrames: 100, fps: 25 }), titles: [] };
          const script = overlayAss({ canvas, fps: 25, language: 'en', tracks }, { start: 0, end: 1 })!;
          const box = boxOf(await drawAss(script, { canvas, texts: [text], root, ffmpeg }), isBright)!;
          // The hyphen and small letters are lower, the capital A is the measure: the box holds it from top to base line.
          assert.ok(box.bottom - box.top >= 0.05 * 360 - 1, `${text}: ${box.bottom - box.top} px of 360`);
          assert.ok(box.left >= left * canvas.width && box.right <= (1 - right) * canvas.width, JSON.stringify(box));
          assert.ok(box.top >= top * canvas.height, JSON.stringify(box));
        }
      }
    });
  }

  it('stands over the opening picture from the first frame for its time, then goes', async () => {
    const [labelled, bare] = [await render('mp4'), await render('mp4', { label: null })];
    const corner = async (path: string, seconds: number): Promise<Buffer> => {
      const filters = 'crop=iw/2:ih/10:iw*0.1:ih*0.12,format=gray';
      const from = ['-v', 'error', '-ss', String(seconds), '-i', path, '-vf', filters];
      const { stdout } = await run(ffmpeg, [...from, '-frames:v', '1', '-f', 'rawvideo', '-'], { encoding: 'buffer' });
      return stdout;
    };
    const changed = async (seconds: number): Promise<number> => {
      const [one, other] = [await corner(labelled.videoPath, seconds), await corner(bare.videoPath, seconds)];
      return one.reduce((count, value, at) => count + (Math.abs(value - other[at]!) > 60 ? 1 : 0), 0);
    };
    for (const seconds of [0, 1, 2, 2.9]) assert.ok((await changed(seconds)) > 150, `no label at ${seconds} s`);
    assert.ok((await changed(3.2)) < 20, 'it stays too long');
  });

  for (const format of ['mp4', 'webm'] as const) {
    it(`is in the metadata of ${format}, as ffmpeg and MediaInfo read it`, async () => {
      const { videoPath } = await render(format);
      const { stdout } = await run(ffmpeg, ['-v', 'error', '-i', videoPath, '-f', 'ffmetadata', '-']);
      const field = /^AIGC=(.*)$/m.exec(stdout)?.[1] ?? '';
      assert.deepEqual(AigcMetadata.parse(JSON.parse(field.replace(/\\(.)/g, '$1'))), aigc);
      assert.deepEqual(JSON.parse(await mediaInfoField(videoPath)), aigc);
    });
  }

  it('survives a copy into another file of the kind, when the copier keeps metadata', async () => {
    const { videoPath } = await render('mp4');
    const copy = join(root, 'copy.mp4');
    const keep = ['-map_metadata', '0', '-movflags', 'use_metadata_tags'];
    await run(ffmpeg, ['-v', 'error', '-i', videoPath, '-c', 'copy', ...keep, copy]);
    assert.deepEqual(JSON.parse(await mediaInfoField(copy)), aigc);
  });

  it('is on the cover and in its XMP', async () => {
    const { coverPath } = await render('mp4');
    const { xmp } = await sharp(coverPath).metadata();
    const json = /<TC260:AIGC>(.*)<\/TC260:AIGC>/.exec(xmp?.toString('utf8') ?? '')?.[1] ?? '';
    assert.deepEqual(JSON.parse(json), aigc);
    const bare = await sharp((await render('mp4', { label: null })).coverPath)
      .removeAlpha()
      .raw()
      .toBuffer();
    const labelled = await sharp(coverPath).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const { width, height } = labelled.info;
    const rgb = Buffer.from(labelled.data.map((value, at) => Math.abs(value - bare[at]!)));
    const box = boxOf({ rgb, width, height }, (...colours) => colours.some((value) => value > 60))!;
    assert.ok(box.bottom < height * 0.25 && box.bottom - box.top >= 0.05 * 360 - 1, JSON.stringify(box));
  });

  it('timelines stored before there were labels are still read', async () => {
    const { labels, ...tracks } = (await testTimeline(assets)).tracks;
    assert.deepEqual(labels, []);
    const stored = { ...(await testTimeline(assets)), tracks };
    assert.deepEqual(Timeline.parse(stored).tracks.labels, []);
  });
});

/** The field as MediaInfo gives it, among the file's extra tags. */
async function mediaInfoField(path: string): Promise<string> {
  const [general] = (await readMediaInfo(path)).tracks;
  return general?.extra['AIGC'] ?? general?.fields['AIGC'] ?? '';
}
