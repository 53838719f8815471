import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { CONTENT_FILES } from '../../../src/draft/folder-layout.ts';
import type { Timeline } from '../../../src/timeline/timeline.ts';
import { countingClip } from '../../render/clip-fixtures.ts';
import { testTimeline } from '../../render/films.ts';
import { libraryPython, loadDraft, SET_UP_MS, type Loaded } from '../pyjianyingdraft.ts';
import { contentOf, courseOf, trackOf, useStudio } from '../studio.ts';
import { draftOver, useServers } from './servers.ts';

/** Half a millisecond of rounding on each side. */
const NEAR_US = 1_000;

for (const channel of ['http', 'mcp'] as const)
  describe(`the draft that CapCutAPI makes over ${channel}`, () => {
    const studio = useStudio();
    const servers = useServers();
    let timeline: Timeline;
    let folder = '';
    let loaded: Loaded;
    before(
      async () => {
        await libraryPython();
        const clip = await studio.assets.put(await countingClip(studio.ffmpeg, { seconds: 3, fps: 25 }), 'video/mp4');
        timeline = await testTimeline(studio.assets, {
          ...{
            durationSeconds: 9,
            fps: 25,
            label: { text: 'AI 生成', position: 'top_left', seconds: 3, textHeight: 0.05 },
          },
          change: (scenes) => {
            scenes[0]!.onScreenText = '三个词';
            scenes[1]!.picture = { kind: 'clip', asset: clip, durationMs: 3000 };
            scenes[2]!.picture = { kind: 'title_card', text: '慢慢走' };
          },
        });
        folder = await draftOver(servers[channel](), timeline, { studio });
        loaded = await loadDraft(folder);
      },
      { timeout: SET_UP_MS },
    );

    it('is loaded by the library that others use, with the Timeline’s raster, rate, length and cuts', () => {
      const { canvas, fps, durationUs, tracks } = timeline;
      assert.deepEqual([loaded.canvas, loaded.fps], [[canvas.width, canvas.height], fps]);
      near(loaded.durationUs, durationUs, 'length');
      for (const [name, wanted] of Object.entries({
        pictures: tracks.pictures,
        narration: tracks.narration,
        captions: tracks.captions,
        labels: tracks.labels,
        screen_texts: tracks.titles,
      })) {
        const found = loaded.tracks[name] ?? [];
        assert.equal(found.length, wanted.length, name);
        for (const [index, { startUs, durationUs: length }] of wanted.entries()) {
          near(found[index]!.startUs, startUs, `${name} ${index + 1} begins`);
          near(found[index]!.startUs + found[index]!.durationUs, startUs + length, `${name} ${index + 1} ends`);
        }
      }
      assert.ok(tracks.labels.length > 0 && tracks.titles.length > 0 && tracks.captions.length > 2);
      assert.deepEqual(
        loaded.tracks['captions']!.map(({ text }) => text),
        tracks.captions.map(({ lines }) => lines.join('\n')),
      );
      assert.deepEqual(loaded.tracks['titles']!.length, 1);
    });

    it('has the media that it says, and gives its tracks to other drafts', () => {
      for (const [path, { durationUs, size }] of Object.entries(loaded.media)) {
        assert.ok(path.startsWith(`${folder}/assets/`), path);
        assert.ok(Math.abs(durationUs[0] - durationUs[1]) <= NEAR_US, path);
        assert.deepEqual(size[0], size[1], path);
      }
      const [pictures, narration, music] = loaded.imported;
      assert.deepEqual([pictures, narration], [3, 3]);
      assert.ok(music! > 3, 'the music is lower under speech, piece by piece');
    });

    it('moves pictures, dissolves them and mixes sounds as the local draft does', async () => {
      const [made, ours] = [await contentOf(folder), await contentOf(await studio.draft(timeline))];
      const segmentsOf = (name: string) =>
        trackOf(made, name).segments.map((segment, index) => [segment, trackOf(ours, name).segments[index]!] as const);
      for (const name of ['pictures', 'titles'])
        for (const [segment, local] of segmentsOf(name))
          for (const property of ['KFTypeScaleX', 'KFTypePositionX', 'KFTypePositionY']) {
            const [course, wanted] = [courseOf(segment, property), courseOf(local, property)];
            assert.equal(course.length, wanted.length, `${name}: ${property}`);
            for (const [index, { us, value }] of wanted.entries()) {
              assert.ok(Math.abs(course[index]!.us - us) <= 2 * NEAR_US, `${name}: ${property} at ${us}`);
              assert.equal(course[index]!.value, value);
            }
          }
      const transitionsOf = (content: typeof made) =>
        trackOf(content, 'pictures').segments.map(({ extra_material_refs: refs }) => {
          const found = content.materials['transitions']!.find(({ id }) => refs.includes(id));
          return found === undefined ? null : [found['resource_id'], Math.round(Number(found['duration']) / 2_000)];
        });
      assert.deepEqual(transitionsOf(made), transitionsOf(ours));
      assert.ok(transitionsOf(made).some((transition) => transition !== null));
      for (const [segment, local] of segmentsOf('narration')) {
        assert.equal(segment.volume, local.volume);
        assert.equal(segment.speed, local.speed);
      }
      const volumes = trackOf(made, 'music').segments.map(({ volume }) => volume);
      assert.ok(Math.max(...volumes) > 1.3 * Math.min(...volumes), `lowered: ${volumes.join()}`);
      // The clip is silent.
      assert.equal(trackOf(made, 'pictures').segments[1]!.volume, 0);
    });

    it('has the texts’ looks, whatever the server’s own defaults are', async () => {
      const [made, ours] = [await contentOf(folder), await contentOf(await studio.draft(timeline))];
      const looks = (content: typeof made) =>
        ['titles', 'screen_texts', 'captions', 'labels'].flatMap((name) =>
          trackOf(content, name).segments.map(({ material_id: id, clip }) => {
            const text = content.materials['texts']!.find((material) => material.id === id)!;
            const { styles } = JSON.parse(String(text['content'])) as {
              styles: { size: number; fill: { content: object }; strokes: { width: number }[]; font?: unknown }[];
            };
            const { size, fill, strokes, font } = styles[0]!;
            const outline = Math.round(strokes[0]!.width * 1000);
            return {
              name,
              size,
              colour: fill.content,
              outline,
              font,
              transform: clip!.transform,
              typesetting: text['typesetting'],
            };
          }),
        );
      assert.deepEqual(looks(made), looks(ours));
    });

    it('is finished by us: pool, paths, name, no magnet, nothing of the template’s author', async () => {
      const texts = await Promise.all(
        [...CONTENT_FILES, 'draft_meta_info.json'].map((name) => readFile(join(folder, name), 'utf8')),
      );
      const content = await contentOf(folder);
      assert.equal(content['name'], timeline.title);
      assert.equal((content['config'] as { maintrack_adsorb: boolean }).maintrack_adsorb, false);
      assert.ok(content.tracks.every(({ segments }) => segments.length > 0));
      for (const text of texts) assert.doesNotMatch(text, /remote_url|mac_address|\/Users\/author|unfinished/);
      await assert.rejects(readFile(join(folder, 'template-2.tmp')), { code: 'ENOENT' });
    });
  });

function near(us: number, wantedUs: number, what: string): void {
  assert.ok(Math.abs(us - wantedUs) <= NEAR_US, `${what} at ${us} µs, not ${wantedUs} µs`);
}
