import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DraftContent } from '../../src/draft/content.ts';
import { writeDraftFolder } from '../../src/draft/write-folder.ts';
import { layersOf, lengthOf } from '../../src/render/picture-layers.ts';
import { renderFilm } from '../../src/render/render-film.ts';
import { buildTimeline, type TimelineScene } from '../../src/timeline/build.ts';
import { checkTimeline } from '../../src/timeline/check.ts';
import { frameOfUs } from '../../src/timeline/frames.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { CREATED_AT_MS, contentOf, trackOf } from '../draft/studio.ts';
import { countedFrames, countingClip } from './clip-fixtures.ts';
import { testFfmpeg } from './films.ts';
import { TestAssets } from './fixtures.ts';

const FPS = 30;
/** Of clips: longer than their scene, a little too short, much too short. */
const CLIP_SECONDS = [4, 2.9, 1.2];
const SECONDS = 10;

/** Clips that count their frames, in the film and in its draft. */
describe('clips', () => {
  let root = '';
  let ffmpeg = '';
  let timeline: Timeline;
  let film: number[];
  let draft: DraftContent;
  let draftFolder = '';

  before(
    async () => {
      root = await mkdtemp(join(tmpdir(), 'clips-test-'));
      ffmpeg = await testFfmpeg();
      const assets = new TestAssets(join(root, 'assets'));
      const scenes: TimelineScene[] = [];
      for (const [index, seconds] of CLIP_SECONDS.entries()) {
        const asset = await assets.put(await countingClip(ffmpeg, { seconds, fps: FPS }), 'video/mp4');
        scenes.push({
          ...{ sceneId: `s${index + 1}`, narration: '清晨的山谷。', audio: null },
          picture: { kind: 'clip', asset, durationMs: seconds * 1000 },
        });
      }
      ({ timeline } = buildTimeline({
        ...{ canvas: { width: 180, height: 320 }, fps: FPS, durationSeconds: SECONDS },
        ...{ captions: 'none', title: 'Clips', language: 'zh', music: null, scenes },
      }));
      checkTimeline(timeline);
      const shared = { timeline, assetPath: assets.path, ffmpeg, signal: new AbortController().signal };
      const { videoPath } = await renderFilm({
        ...{ ...shared, format: 'mp4', workDir: join(root, 'film'), onProgress: () => {} },
      });
      film = await countedFrames(ffmpeg, videoPath);
      const place = { draftsRoot: join(root, 'drafts'), createdAtMs: CREATED_AT_MS };
      ({ folder: draftFolder } = await writeDraftFolder({ ...shared, ...place, videoId: 'v1' }, () =>
        Promise.resolve(),
      ));
      draft = await contentOf(draftFolder);
    },
    { timeout: 120_000 },
  );
  after(() => rm(root, { recursive: true, force: true }));

  const speedOf = (index: number): number => {
    const { source } = timeline.tracks.pictures[index]!;
    return source.kind === 'clip' ? source.speed : NaN;
  };
  /** Which frame of its clip is seen where a picture stands alone, and how many frames it has been on screen. */
  const bodyOf = (index: number): { shown: number; seen: number }[] => {
    const { body, visible } = layersOf(timeline)[index]!.frames;
    return film.slice(body.start, body.end).map((seen, at) => ({ shown: body.start + at - visible.start, seen }));
  };

  it('make a film of exactly the frames asked for', () => {
    assert.equal(film.length, SECONDS * FPS);
  });

  it('longer than their scene are cut, at their own speed', () => {
    assert.equal(speedOf(0), 1);
    for (const { shown, seen } of bodyOf(0)) near(seen, shown);
  });

  it('a little shorter than their scene are played slower, to their end', () => {
    const speed = speedOf(1);
    assert.ok(speed < 1 && speed >= 0.8, String(speed));
    for (const { shown, seen } of bodyOf(1)) near(seen, shown * speed);
  });

  it('much shorter go round without standing still', () => {
    assert.equal(speedOf(2), 1);
    const seen = bodyOf(2).map((frame) => frame.seen);
    const steps = seen.slice(1).map((each, at) => each - seen[at]!);
    for (let at = 0; at + 3 < steps.length; at++)
      assert.ok(
        steps.slice(at, at + 4).some((step) => Math.abs(step) > 0.3),
        `it stands still at ${at}`,
      );
    // It goes back while its end dissolves into its beginning, and nowhere by a jump.
    const back = steps.filter((step) => step < 0);
    assert.ok(back.length >= 5 && Math.min(...back) > -10, `it goes back by ${Math.min(...back)}`);
    assert.ok(lengthOf(layersOf(timeline)[2]!.frames) > 2 * CLIP_SECONDS[2]! * FPS);
  });

  it('show the same frames in the draft, within one', async () => {
    const { segments } = trackOf(draft, 'pictures');
    for (const [index, { material_id: id, source_timerange: source, speed, volume }] of segments.entries()) {
      const material = draft.materials['videos']!.find((each) => each.id === id)!;
      assert.deepEqual([material['type'], volume], ['video', 0]);
      const file = String(material['path']).slice(draftFolder.length + 1);
      const played = await countedFrames(ffmpeg, join(draftFolder, file));
      const cut = frameOfUs(timeline.tracks.pictures[index]!.startUs, FPS);
      const { body } = layersOf(timeline)[index]!.frames;
      for (let frame = body.start; frame < body.end; frame++) {
        const at = Math.floor((source!.start * FPS) / 1e6 + (frame - cut) * speed + 1e-6);
        const choices = [at - 1, at, at + 1].map((each) => played[each] ?? NaN);
        assert.ok(
          choices.some((seen) => Math.abs(seen - film[frame]!) <= 0.5),
          `clip ${index + 1}, frame ${frame}: ${film[frame]} in the film, ${choices.join(' ')} in the draft`,
        );
      }
    }
  });
});

/** Within one frame of the clip. */
function near(seen: number, expected: number): void {
  assert.ok(Math.abs(seen - expected) <= 1.2, `${seen.toFixed(1)}, not ${expected.toFixed(1)}`);
}
