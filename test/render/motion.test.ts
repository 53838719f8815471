import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { renderFilm } from '../../src/render/render-film.ts';
import { testFfmpeg, testTimeline } from './films.ts';
import { TestAssets } from './fixtures.ts';

const run = promisify(execFile);
const [WIDTH, HEIGHT] = [360, 640];

describe('motion', () => {
  let root: string;
  let ffmpeg: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'motion-test-'));
    ffmpeg = await testFfmpeg();
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('moves a picture evenly, between pixels', async () => {
    const assets = new TestAssets(join(root, 'assets'));
    const timeline = await testTimeline(assets, { captions: 'none', music: null, durationSeconds: 6 });
    // One picture for all three scenes, moving on as one: a jump at a join would be the join's fault.
    const dot = await assets.put(await dotPicture({ x: 0.8, y: 0.25 }), 'image/png');
    const pictures = [
      {
        ...timeline.tracks.pictures[0]!,
        source: { kind: 'still' as const, asset: dot },
        durationUs: timeline.durationUs,
        motion: { from: { zoom: 1, x: 0.5, y: 0.5 }, to: { zoom: 1.12, x: 0.3, y: 0.55 } },
      },
    ];
    const film = await renderFilm({
      timeline: { ...timeline, tracks: { ...timeline.tracks, narration: [], pictures } },
      format: 'mp4',
      assetPath: assets.path,
      workDir: join(root, 'film'),
      ffmpeg,
      onProgress: () => {},
      signal: new AbortController().signal,
    });
    const places = await dotPlaces(film.videoPath);
    assert.equal(places.length, 180);
    for (const axis of ['x', 'y'] as const) {
      const at = places.map((place) => place[axis]);
      const steps = at.slice(1).map((value, index) => value - at[index]!);
      const jerks = steps.slice(1).map((value, index) => value - steps[index]!);
      assert.ok(Math.abs(at.at(-1)! - at[0]!) > 8, `${axis} moves by ${at.at(-1)! - at[0]!} pixels`);
      // A window set to whole pixels would stand and jump: steps of 0 and 1, jerks of 1.
      const shake = Math.sqrt(jerks.reduce((sum, value) => sum + value ** 2, 0) / jerks.length);
      assert.ok(shake < 0.1, `${axis} shakes by ${shake.toFixed(3)} pixels`);
      assert.ok(Math.max(...jerks.map(Math.abs)) < 0.5, `${axis} jumps by ${Math.max(...jerks.map(Math.abs))}`);
      const [least, most] = [Math.min(...at), Math.max(...at)];
      const ends = [at[0]!, at.at(-1)!].sort((a, b) => a - b);
      assert.ok(least > ends[0]! - 0.2 && most < ends[1]! + 0.2, `${axis} turns back`);
    }
  });

  /** A soft bright dot on dark ground. */
  async function dotPicture({ x, y }: { x: number; y: number }): Promise<Buffer> {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="1280"><rect width="100%" height="100%" fill="#181818"/><defs><radialGradient id="g"><stop stop-color="#fff"/><stop offset="1" stop-color="#181818"/></radialGradient></defs><circle cx="${720 * x}" cy="${1280 * y}" r="44" fill="url(#g)"/></svg>`;
    return sharp(Buffer.from(svg)).png().toBuffer();
  }

  /** The dot's centre in each frame, weighted by brightness: far finer than a pixel. */
  async function dotPlaces(path: string): Promise<{ x: number; y: number }[]> {
    const args = ['-v', 'error', '-i', path, '-map', '0:v', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'];
    const { stdout } = await run(ffmpeg, args, { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 });
    const size = WIDTH * HEIGHT;
    return Array.from({ length: stdout.length / size }, (_, frame) => {
      let [sum, sumX, sumY] = [0, 0, 0];
      for (let at = 0; at < size; at++) {
        const light = Math.max(0, stdout[frame * size + at]! - 60);
        sum += light;
        sumX += light * (at % WIDTH);
        sumY += light * Math.floor(at / WIDTH);
      }
      return { x: sumX / sum, y: sumY / sum };
    });
  }
});
