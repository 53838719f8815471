import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import sharp from 'sharp';
import { PermanentError } from '../../src/domain/errors.ts';
import { checkDraft } from '../../src/draft/check-draft.ts';
import { filesIn } from '../../src/draft/zip-draft.ts';
import { writeDraftFolder } from '../../src/draft/write-folder.ts';
import { probeMedia } from '../../src/render/probe.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { testTimeline } from '../render/films.ts';
import { contentOf, courseOf, CREATED_AT_MS, trackOf, useStudio } from './studio.ts';

describe('writeDraftFolder', () => {
  const studio = useStudio();
  let timeline: Timeline;
  let folder = '';
  before(async () => {
    timeline = await testTimeline(studio.assets, { durationSeconds: 6 });
    folder = await studio.draft(timeline, { videoId: 'vFirst' });
  });

  it('has its media inside and both names of its content', async () => {
    assert.deepEqual(await filesIn(folder), [
      'assets/audio/music-1.m4a',
      'assets/audio/narration-1.wav',
      'assets/audio/narration-2.wav',
      'assets/audio/narration-3.wav',
      'assets/image/picture-1.png',
      'assets/image/picture-2.png',
      'assets/image/picture-3.png',
      'draft_content.json',
      'draft_cover.jpg',
      'draft_info.json',
      'draft_meta_info.json',
    ]);
    const meta = JSON.parse(await readFile(join(folder, 'draft_meta_info.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(meta['draft_fold_path'], folder);
    assert.equal(meta['draft_root_path'], studio.draftsRoot);
    assert.equal(meta['draft_name'], timeline.title);
    assert.equal(meta['tm_duration'], timeline.durationUs);
    assert.equal((meta['draft_materials'] as { value: unknown[] }[])[0]!.value.length, 7);
    const { width, height } = await sharp(join(folder, 'draft_cover.jpg')).metadata();
    assert.deepEqual([width, height], [360, 640]);
  });

  it('is the same draft, to the byte, when it is written again', async () => {
    const before = await contents(folder);
    await rm(folder, { recursive: true });
    assert.equal(await studio.draft(timeline, { videoId: 'vFirst' }), folder);
    assert.deepEqual(await contents(folder), before);
    // The earlier one may still be there, as after an attempt whose answer was lost.
    await studio.draft(timeline, { videoId: 'vFirst' });
    assert.deepEqual(await contents(folder), before);
    assert.deepEqual(await readdir(studio.draftsRoot), ['draft-vFirst']);
  });

  it('is never seen half made, and leaves nothing of a failed or cancelled attempt', async () => {
    const attempt = (beforeVisible: () => Promise<void>, signal = new AbortController().signal) =>
      writeDraftFolder(
        {
          ...{ videoId: 'vHalf', timeline, draftsRoot: studio.draftsRoot, createdAtMs: CREATED_AT_MS, signal },
          ...{ assetPath: studio.assets.path, ffmpeg: studio.ffmpeg },
        },
        beforeVisible,
      );
    const visible = async (): Promise<string[]> =>
      (await readdir(studio.draftsRoot)).filter((name) => name !== 'draft-vFirst');
    await assert.rejects(
      attempt(async () => {
        assert.match((await visible()).join(), /^\.unfinished-draft-vHalf-[0-9a-f]{8}$/);
        throw new Error('the disk is full');
      }),
      /the disk is full/,
    );
    const abort = new AbortController();
    await assert.rejects(
      attempt(() => Promise.resolve(abort.abort(new Error('cancelled'))), abort.signal),
      /cancelled/,
    );
    await assert.rejects(
      attempt(() => Promise.resolve(), AbortSignal.timeout(60)),
      { name: 'TimeoutError' },
    );
    assert.deepEqual(await visible(), []);
  });

  it('removes what a process that died has left', async () => {
    const [old, recent] = ['.unfinished-draft-vOld-1', '.unfinished-draft-vNew-1'].map((name) =>
      join(studio.draftsRoot, name),
    );
    for (const each of [old!, recent!]) await mkdir(each);
    await utimes(old!, 1, 1);
    await studio.draft(timeline, { videoId: 'vFirst' });
    await assert.rejects(stat(old!));
    await rm(recent!, { recursive: true });
  });

  it('refuses assets that are missing or broken, and ids that lead elsewhere', async () => {
    const broken = await studio.assets.put(Buffer.from('\x89PNG\r\n\x1a\n and nothing'), 'image/png');
    const lost = { ...broken, sha256: broken.sha256.replaceAll(/./g, '0') };
    const withPicture = (asset: typeof broken): Timeline => {
      const changed = structuredClone(timeline);
      changed.tracks.pictures[1]!.source = { kind: 'still', asset };
      return changed;
    };
    await assert.rejects(studio.draft(withPicture(lost)), isPermanent('asset_missing'));
    await assert.rejects(studio.draft(withPicture(broken)), isPermanent('unreadable_asset'));
    await assert.rejects(studio.draft(timeline, { videoId: '../../etc' }), isPermanent('invalid_video_id'));
    assert.deepEqual(await readdir(studio.draftsRoot), ['draft-vFirst']);
  });

  it('holds pictures that every app reads, upright, each once', async () => {
    const lying = await sharp(studio.assets.path(await studio.assets.picture(8)))
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const webp = await sharp(studio.assets.path(await studio.assets.picture(9)))
      .webp()
      .toBuffer();
    const changed = structuredClone(timeline);
    const [first, second, third] = changed.tracks.pictures;
    first!.source = { kind: 'still', asset: await studio.assets.put(lying, 'image/jpeg') };
    second!.source = { kind: 'still', asset: await studio.assets.put(webp, 'image/webp') };
    third!.source = second!.source;
    const draft = await studio.draft(changed);
    const { materials } = await contentOf(draft);
    assert.deepEqual(
      materials['videos']!.map(({ width, height, material_name: name }) => [name, width, height]),
      [
        ['picture-1.png', 700, 400],
        ['picture-2.png', 400, 700],
      ],
    );
  });

  it('shows a title card as a background and a text that moves with it', async () => {
    const changed = structuredClone(timeline);
    changed.tracks.pictures[0]!.source = { kind: 'title_card', text: '番茄 "tomato" {1}' };
    const content = await contentOf(await studio.draft(changed));
    const [title] = trackOf(content, 'titles').segments;
    const [picture] = trackOf(content, 'pictures').segments;
    assert.deepEqual(title!.target_timerange, picture!.target_timerange);
    assert.deepEqual(courseOf(title!, 'KFTypeScaleX'), courseOf(picture!, 'KFTypeScaleX'));
    assert.match(String(content.materials['texts']![0]!['content']), /番茄 \\"tomato\\" \{1\}/);
    assert.deepEqual(
      [content.materials['videos']![0]!['width'], content.materials['videos']![0]!['height']],
      [360, 640],
    );
  });

  it('plays a bed that is shorter than the film again and again, and fades the last', async () => {
    for (const fps of [24, 25, 30, 60] as const) {
      const long = await testTimeline(studio.assets, {
        durationSeconds: 56,
        fps,
        music: { kind: 'bed', name: 'bright' },
      });
      const draft = await studio.draft(long);
      await checkDraft(draft, { timeline: long });
      const content = await contentOf(draft);
      const { segments } = trackOf(content, 'music');
      assert.equal(segments.length, 3);
      const ends = segments.map(({ target_timerange: { start, duration } }) => start + duration);
      assert.deepEqual(
        segments.map(({ target_timerange }) => target_timerange.start),
        [0, ...ends.slice(0, -1)],
      );
      assert.equal(ends.at(-1), 56_000_000);
      // The loop is 26⅔ s from half a second on: wherever it is joined, the sound goes on where it was.
      for (const [turn, { target_timerange: target, source_timerange: source }] of segments.entries())
        assert.ok(Math.abs(source!.start - 500_000 - (target.start - (turn * 80_000_000) / 3)) <= 1);
      const fades = content.materials['audio_fades']!.map((fade) => [
        fade['fade_in_duration'],
        fade['fade_out_duration'],
      ]);
      assert.deepEqual(fades, [
        [600_000, 0],
        [0, 1_500_000],
      ]);
    }
  });

  it('fades by the volume where the last piece is shorter than the fade', async () => {
    const asset = await studio.assets.speech(4_500);
    const film = await testTimeline(studio.assets, { durationSeconds: 10, music: { kind: 'asset', asset } });
    const content = await contentOf(await studio.draft(film));
    const { segments } = trackOf(content, 'music');
    assert.deepEqual(
      segments.map(({ target_timerange: { start, duration } }) => [start, duration]),
      [
        [0, 4_500_000],
        [4_500_000, 4_500_000],
        [9_000_000, 1_000_000],
      ],
    );
    assert.equal(content.materials['audio_fades']!.length, 1);
    const course = courseOf(segments.at(-1)!, 'KFTypeVolume');
    assert.equal(course.at(-1)!.value, 0);
    assert.ok(course[0]!.value > 0);
  });

  it('plays narration in the film’s tempo, none of it cut', async () => {
    const changed = structuredClone(timeline);
    for (const narration of changed.tracks.narration) {
      narration.tempo = 1.137;
      const frames = Math.ceil((narration.sourceDurationUs / 1.137) * 30e-6);
      narration.durationUs =
        Math.round(((Math.round(narration.startUs * 30e-6) + frames) * 1e6) / 30) - narration.startUs;
    }
    const draft = await studio.draft(changed);
    await checkDraft(draft, { timeline: changed });
    const [first] = trackOf(await contentOf(draft), 'narration').segments;
    assert.equal(first!.speed, 1.137);
    assert.ok(first!.source_timerange!.duration >= changed.tracks.narration[0]!.sourceDurationUs);
    const { audio } = await probeMedia(join(draft, 'assets/audio/narration-1.wav'));
    assert.ok(audio!.durationSeconds! * 1e6 >= first!.source_timerange!.duration);
  });

  it('takes every ratio and rate', async () => {
    for (const [ratio, fps] of [
      ['16:9', 24],
      ['1:1', 25],
      ['3:4', 60],
      ['4:3', 30],
    ] as const) {
      const film = await testTimeline(studio.assets, { durationSeconds: 5, ratio, fps, captions: 'line' });
      await checkDraft(await studio.draft(film), { timeline: film });
    }
  });

  async function contents(of: string): Promise<[string, string][]> {
    const files = await filesIn(of);
    return Promise.all(
      files.map(async (file): Promise<[string, string]> => [file, (await readFile(join(of, file))).toString('base64')]),
    );
  }
});

const isPermanent =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof PermanentError && error.code === code;
