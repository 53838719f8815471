import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { countingClip } from '../render/clip-fixtures.ts';
import { testTimeline } from '../render/films.ts';
import { libraryPython, loadDraft, SET_UP_MS, type Loaded } from './pyjianyingdraft.ts';
import { useStudio } from './studio.ts';

/** The library that drafts are made with elsewhere is our draft's second reader. */
describe('pyJianYingDraft', () => {
  const studio = useStudio();
  let timeline: Timeline;
  let loaded: Loaded;
  before(
    async () => {
      await libraryPython();
      const bytes = await countingClip(studio.ffmpeg, { seconds: 4, fps: 25 });
      const clip = await studio.assets.put(bytes, 'video/mp4');
      timeline = await testTimeline(studio.assets, {
        durationSeconds: 36,
        fps: 25,
        change: (scenes) => void (scenes[1]!.picture = { kind: 'clip', asset: clip, durationMs: 4000 }),
      });
      loaded = await loadDraft(await studio.draft(timeline));
    },
    { timeout: SET_UP_MS },
  );

  it('finds the film: raster, rate, length, every segment', () => {
    const { canvas, fps, durationUs, tracks } = timeline;
    assert.deepEqual([loaded.canvas, loaded.fps, loaded.durationUs], [[canvas.width, canvas.height], fps, durationUs]);
    const spans = (track: readonly { startUs: number; durationUs: number }[] = []) =>
      track.map(({ startUs, durationUs: length }) => [startUs, length]);
    for (const name of ['pictures', 'narration', 'captions'] as const)
      assert.deepEqual(spans(loaded.tracks[name]), spans(tracks[name]), name);
    assert.deepEqual(spans(loaded.tracks['music']), [
      [0, 32_000_000],
      [32_000_000, 4_000_000],
    ]);
    assert.deepEqual(
      loaded.tracks['captions']!.map(({ text }) => text),
      tracks.captions.map(({ lines }) => lines.join('\n')),
    );
  });

  it('measures the same lengths and sizes as the draft says', () => {
    const media = Object.entries(loaded.media);
    assert.equal(media.length, 7);
    for (const [path, { durationUs, size }] of media) {
      assert.ok(Math.abs(durationUs[0] - durationUs[1]) <= 1_000, path);
      assert.deepEqual(size[0], size[1], path);
    }
  });

  it('takes the picture and sound tracks into a draft of its own', () => {
    assert.deepEqual(loaded.imported, [3, 3, 2]);
  });
});
