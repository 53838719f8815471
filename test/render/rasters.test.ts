import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { ASPECT_RATIOS, canvasFor, FRAME_RATES, RESOLUTIONS } from '../../src/domain/canvas.ts';
import { decodeFully, probeMedia } from '../../src/render/probe.ts';
import { renderFilm } from '../../src/render/render-film.ts';
import { buildTimeline } from '../../src/timeline/build.ts';
import { testFfmpeg } from './films.ts';
import { TestAssets } from './fixtures.ts';

const FORMATS = ['mp4', 'webm'] as const;
/** Short, because 1080p at full size takes its time: enough for a keyframe and frames that lean on it. */
const FRAMES = 8;

/** Every two of ratio, resolution, frame rate and format meet in some film (checked below). */
const films = ASPECT_RATIOS.flatMap((ratio, r) =>
  FRAME_RATES.map((fps, f) => ({
    ratio,
    fps,
    resolution: RESOLUTIONS[(r + f) % RESOLUTIONS.length]!,
    format: FORMATS[(r + (f >> 1)) % FORMATS.length]!,
  })),
);

describe('every raster', { concurrency: 2 }, () => {
  let root: string;
  let ffmpeg: string;
  let assets: TestAssets;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'rasters-test-'));
    ffmpeg = await testFfmpeg();
    assets = new TestAssets(join(root, 'assets'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('is paired with every other choice', () => {
    const choices = { ratio: ASPECT_RATIOS, fps: FRAME_RATES, resolution: RESOLUTIONS, format: FORMATS };
    const names = Object.keys(choices) as (keyof typeof choices)[];
    for (const [index, one] of names.entries()) {
      for (const other of names.slice(index + 1)) {
        const met = new Set(films.map((film) => `${film[one]} ${film[other]}`));
        assert.equal(met.size, choices[one].length * choices[other].length, `${one} and ${other}`);
      }
    }
  });

  for (const { ratio, fps, resolution, format } of films) {
    it(`${ratio} ${resolution} ${fps} fps ${format}`, async () => {
      const canvas = canvasFor(ratio, resolution);
      const { timeline } = buildTimeline({
        ...{ canvas, fps, durationSeconds: FRAMES / fps, captions: 'line', title: '山谷', language: 'zh', music: null },
        label: { text: 'AI生成', seconds: 2, position: 'top_left', textHeight: 0.05 },
        scenes: [
          { sceneId: 's1', narration: '山谷', audio: null, picture: { kind: 'still', asset: await assets.picture(1) } },
        ],
      });
      const { videoPath, coverPath } = await renderFilm({
        ...{
          timeline,
          format,
          ffmpeg,
          assetPath: assets.path,
          workDir: join(root, `${ratio}-${fps}`.replace(':', 'x')),
        },
        ...{ onProgress: () => {}, signal: new AbortController().signal },
      });
      const { video, audio, container, durationSeconds } = await probeMedia(videoPath);
      assert.deepEqual([video?.width, video?.height, video?.fps], [canvas.width, canvas.height, fps]);
      assert.deepEqual(
        [container, video?.codec, audio?.codec],
        format === 'mp4' ? ['MPEG-4', 'AVC', 'AAC'] : ['WebM', 'VP9', 'Opus'],
      );
      assert.deepEqual(
        [
          video?.chroma,
          video?.bitDepth,
          video?.colourRange,
          video?.colourPrimaries,
          video?.colourTransfer,
          video?.colourMatrix,
        ],
        ['4:2:0', 8, 'Limited', 'BT.709', 'BT.709', 'BT.709'],
      );
      const signal = new AbortController().signal;
      assert.deepEqual(await decodeFully({ ffmpeg, path: videoPath, signal }), { frames: FRAMES });
      assert.ok(Math.abs(durationSeconds - FRAMES / fps) <= 1 / fps + 0.001, `${durationSeconds} s`);
      const cover = await sharp(coverPath).metadata();
      assert.deepEqual([cover.width, cover.height], [canvas.width, canvas.height]);
    });
  }
});
