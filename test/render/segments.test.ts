import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { ScenePicture } from '../../src/domain/substitution.ts';
import { probeMedia } from '../../src/render/probe.ts';
import { encodeAhead, renderFilm, type RenderOptions } from '../../src/render/render-film.ts';
import { segmentsOf } from '../../src/render/segments.ts';
import type { SegmentCache } from '../../src/render/work-files.ts';
import { FolderSegmentStore } from '../../src/store/folder-segment-store.ts';
import { buildTimeline } from '../../src/timeline/build.ts';
import { type FrozenFilm, withPictures } from '../../src/timeline/frozen-film.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { countingClip } from './clip-fixtures.ts';
import { testFfmpeg, TEXTS } from './films.ts';
import { evenWords, TestAssets } from './fixtures.ts';

const run = promisify(execFile);
const SECONDS = 8;
const FPS = 30;
const SCENES = ['s1', 's2', 's3', 's4'];

/** The same, written another way: what is encoded ahead was put together elsewhere than what the render reads from the store. */
const otherwiseOrdered = (timeline: Timeline): Timeline =>
  JSON.parse(JSON.stringify(timeline), (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  ) as Timeline;

/** A still, a clip, another still, and a scene whose picture was lost: it becomes a card. */
describe('segments encoded ahead, and kept', () => {
  let root: string;
  let ffmpeg: string;
  let assets: TestAssets;
  let frozen: FrozenFilm;
  let pictures: Map<string, ScenePicture>;
  let cache: CountingCache;
  let film: string;

  before(
    async () => {
      root = await mkdtemp(join(tmpdir(), 'segments-test-'));
      ffmpeg = await testFfmpeg();
      assets = new TestAssets(join(root, 'assets'));
      cache = new CountingCache(join(root, 'segments'));
      frozen = await frozenFilm();
      const clip = await assets.put(await countingClip(ffmpeg, { seconds: 1.5, fps: FPS }), 'video/mp4');
      pictures = new Map([
        ['s1', { kind: 'still', asset: await assets.picture(1) }],
        ['s2', { kind: 'clip', asset: clip, durationMs: 1500 }],
        ['s3', { kind: 'still', asset: await assets.picture(3) }],
      ]);
      ({ videoPath: film } = await render(filmOf(pictures), 'at-once', null));
    },
    { timeout: 120_000 },
  );
  after(() => rm(root, { recursive: true, force: true }));

  const filmOf = (shown: ReadonlyMap<string, ScenePicture>): Timeline =>
    buildTimeline(withPictures(frozen, shown)).timeline;
  const only = (...ids: string[]) => new Map([...pictures].filter(([id]) => ids.includes(id)));
  const options = (timeline: Timeline, name: string, segments: SegmentCache | null): RenderOptions => ({
    ...{ timeline, format: 'mp4', assetPath: assets.path, workDir: join(root, name), ffmpeg, segments },
    ...{ onProgress: () => {}, signal: new AbortController().signal },
  });
  const render = (timeline: Timeline, name: string, segments: SegmentCache | null) =>
    renderFilm(options(timeline, name, segments));
  const ahead = (shown: ReadonlyMap<string, ScenePicture>, ids: string[]) =>
    encodeAhead({
      ...options(otherwiseOrdered(filmOf(shown)), 'streamed', cache),
      isWanted: (sceneIds) => sceneIds.some((id) => ids.includes(id)) && sceneIds.every((id) => shown.has(id)),
    });
  /** All that is seen, frame by frame. */
  const content = async (path: string): Promise<string> =>
    (await run(ffmpeg, ['-v', 'error', '-i', path, '-map', '0:v', '-f', 'framemd5', '-'], { maxBuffer: 8e6 })).stdout;
  const frames = async (path: string) => (await probeMedia(path)).video?.frames;

  it('have the same cuts, whatever the pictures will be', () => {
    const spans = (timeline: Timeline) => ({
      ...timeline.tracks,
      titles: [],
      pictures: timeline.tracks.pictures.map(({ sceneId, startUs, durationUs, transitionUs }) => {
        return { sceneId, startUs, durationUs, transitionUs };
      }),
    });
    assert.deepEqual(spans(filmOf(new Map())), spans(filmOf(pictures)));
  });

  it('make the film that one pass makes, with what was lacking encoded at the end', async () => {
    cache.reset();
    await ahead(only(), []);
    assert.deepEqual(cache.made(), { segments: 0, sounds: 1 }, 'the sound waits for no picture');
    const first = await ahead(only('s1', 's3'), ['s1', 's3']);
    assert.equal(cache.made().segments, 2, 'two bodies; what leads to a picture that is not there waits');
    const second = await ahead(only('s1', 's2', 's3'), ['s2']);
    assert.equal(cache.made().segments, 5, 'a body and the transitions on both sides');
    const told: number[] = [];
    const streamed = await renderFilm({
      ...options(filmOf(pictures), 'streamed', cache),
      onProgress: ({ phase, doneFrames }) => void (phase === 'encode' && told.push(doneFrames)),
    });
    assert.equal(told[0], first.frames + second.frames, 'what is told goes on from there');
    const all = segmentsOf(filmOf(pictures));
    assert.deepEqual(cache.made(), { segments: all.length, sounds: 1 }, 'the card and what leads to it');
    const last = all.slice(-2).reduce((sum, { start, end }) => sum + end - start, 0);
    assert.equal(first.frames + second.frames + last, SECONDS * FPS);
    assert.equal(await content(streamed.videoPath), await content(film));
  });

  it('one scene changed: only what shows it is encoded, elsewhere and later', async () => {
    cache.reset();
    const again = await render(filmOf(pictures), 'again', cache);
    assert.deepEqual(cache.made(), { segments: 0, sounds: 0 });
    assert.equal(await content(again.videoPath), await content(film));
    const prepared = (await readdir(join(root, 'again'))).filter((name) => /^(picture|clip)-/.test(name));
    assert.ok(prepared.every((name) => name.startsWith('picture-')) && prepared.length <= 2, prepared.join());

    const changed = new Map(pictures).set('s3', { kind: 'still', asset: await assets.picture(7) });
    await render(filmOf(changed), 'changed', cache);
    assert.deepEqual(cache.made(), { segments: 3, sounds: 0 }, 'its body and two transitions');
  });

  it('damaged in the cache: encoded again, and mended there', async () => {
    await cache.damage();
    cache.reset();
    const mended = await render(filmOf(pictures), 'mended', cache);
    assert.equal(await content(mended.videoPath), await content(film));
    assert.ok(cache.made().segments > 0);
    cache.reset();
    await render(filmOf(pictures), 'mended-again', cache);
    assert.deepEqual(cache.made(), { segments: 0, sounds: 0 });
  });

  it('damaged in the work folder: only those are encoded again', async () => {
    const workDir = join(root, 'at-once');
    const names = (await readdir(workDir)).filter((name) => name.startsWith('segment-')).sort();
    const [cut, garbled, ...whole] = names.map((name) => join(workDir, name));
    await truncate(cut!, Math.floor((await stat(cut!)).size / 2));
    await writeFile(garbled!, 'no film at all');
    const before = await Promise.all(whole.map(async (path) => (await stat(path)).mtimeMs));
    const { videoPath } = await render(filmOf(pictures), 'at-once', null);
    assert.equal(await frames(videoPath), SECONDS * FPS);
    assert.deepEqual(await Promise.all(whole.map(async (path) => (await stat(path)).mtimeMs)), before);
  });

  async function frozenFilm(): Promise<FrozenFilm> {
    const scenes: FrozenFilm['scenes'] = [];
    for (const [index, sceneId] of SCENES.entries()) {
      const narration = TEXTS[index % TEXTS.length]!;
      const asset = await assets.speech(1_200, { gain: 0.3 });
      const audio = { asset, durationMs: 1_200, words: evenWords(narration, 1_200), wordsAsset: asset };
      scenes.push({ sceneId, narration, audio, onScreenText: index === 2 ? '慢慢走' : null });
    }
    return {
      ...{ canvas: { width: 180, height: 320 }, fps: FPS, durationSeconds: SECONDS, captions: 'karaoke' },
      ...{ title: 'Ahead', language: 'zh', music: { kind: 'bed', name: 'calm' }, label: null, scenes },
    };
  }
});

/** The product's own folder of segments; counts what was made because it was not there. */
class CountingCache implements SegmentCache {
  readonly #dir: string;
  readonly #store: FolderSegmentStore;
  #added: string[] = [];

  constructor(dir: string) {
    this.#dir = dir;
    this.#store = new FolderSegmentStore({ dir, maxBytes: 1e9 });
  }

  take = (name: string, file: string): Promise<boolean> => this.#store.take(keyOf(name), file);
  remove = (name: string): Promise<void> => this.#store.remove(keyOf(name));
  async add(name: string, file: string): Promise<void> {
    this.#added.push(name);
    await this.#store.add(keyOf(name), file);
  }

  reset(): void {
    this.#added = [];
  }

  made(): { segments: number; sounds: number } {
    const of = (kind: string): number => this.#added.filter((name) => name.startsWith(kind)).length;
    return { segments: of('segment-'), sounds: of('sound-') };
  }

  /** Every second piece: some cut off, some with one byte changed. Anew, so that no work folder's link is touched. */
  async damage(): Promise<void> {
    const entries = await readdir(this.#dir, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    for (const [index, file] of files.entries()) {
      if (index % 2 === 1) continue;
      const { size } = await stat(file);
      await rm(file);
      await writeFile(file, Buffer.alloc(index % 4 === 0 ? size : Math.floor(size / 2), 7));
    }
  }
}

const keyOf = (name: string): string => createHash('sha256').update(name).digest('hex');
