import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { AssetRef } from '../src/domain/asset.ts';
import { canvasFor, type Resolution } from '../src/domain/canvas.ts';
import { buildTimeline } from '../src/timeline/build.ts';
import type { Timeline } from '../src/timeline/timeline.ts';
import { evenWords, TestAssets } from '../test/render/fixtures.ts';

const LINES = [
  '清晨的山谷，阳光正好，我们出发。',
  '一杯手冲咖啡，香气慢慢散开。',
  '小路弯弯，路边开满了野花。',
  '走到山顶，云海就在脚下。',
  '休息一下，听听风的声音。',
  '傍晚回家，心里装满了光。',
];

/** What picture models deliver for an upright film. */
const PICTURE = { width: 1440, height: 2560 };
const SPOKEN_SHARE = 0.75;

/** A film to be rendered, with its files in a folder of its own. */
export interface BenchFilm {
  folder: string;
  timeline: Timeline;
  assets: TestAssets;
  /** Another folder below, empty. */
  emptyFolder(name: string): Promise<string>;
  remove(): Promise<void>;
}

/** Stills with motion and crossfades, narration, captions word by word, music: a default film, but for its length. */
export async function makeFilm({
  scenes,
  seconds,
  resolution = '1080p',
}: {
  scenes: number;
  seconds: number;
  resolution?: Resolution;
}): Promise<BenchFilm> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-bridge-bench-'));
  const assets = new TestAssets(path.join(folder, 'assets'));
  const spokenMs = Math.round((seconds * 1000 * SPOKEN_SHARE) / scenes);
  const parts = await Promise.all(
    Array.from({ length: scenes }, async (_, index) => {
      const narration = LINES[index % LINES.length]!;
      const audio = {
        asset: await assets.speech(spokenMs),
        durationMs: spokenMs,
        words: evenWords(narration, spokenMs),
      };
      const picture = { kind: 'still' as const, asset: await detailedPicture(assets, index) };
      return { sceneId: `s${index + 1}`, narration, audio, picture };
    }),
  );
  const { timeline } = buildTimeline({
    ...{ canvas: canvasFor('9:16', resolution), fps: 30, durationSeconds: seconds, captions: 'karaoke' },
    ...{ title: '山谷', language: 'zh', music: { kind: 'bed', name: 'calm' }, scenes: parts },
  });
  let folders = 0;
  return {
    ...{ folder, timeline, assets },
    emptyFolder: (name) => mkdtemp(path.join(folder, `${name}-${folders++}-`)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Edges, gradients and a little grain, as in what models make: smooth pictures would be too easy for every encoder. */
export async function detailedPicture(assets: TestAssets, index: number): Promise<AssetRef> {
  const plain = await assets.picture(index, PICTURE);
  const grain = await sharp({
    create: { ...PICTURE, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 14 } },
  })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const bytes = await sharp(assets.path(plain))
    .removeAlpha()
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 92 })
    .toBuffer();
  return assets.put(bytes, 'image/jpeg');
}
