import assert from 'node:assert/strict';
import { cp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import sharp from 'sharp';
import { PermanentError } from '../../src/domain/errors.ts';
import { checkDraft } from '../../src/draft/check-draft.ts';
import type { DraftContent } from '../../src/draft/content.ts';
import { META_FILE } from '../../src/draft/folder-layout.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { testTimeline } from '../render/films.ts';
import { edit, trackOf, useStudio } from './studio.ts';

describe('checkDraft', () => {
  const studio = useStudio();
  let timeline: Timeline;
  let whole = '';
  let damaged = 0;
  before(async () => {
    timeline = await testTimeline(studio.assets, { durationSeconds: 6 });
    whole = await studio.draft(timeline);
  });

  /** A copy to damage; its paths still name the whole one. */
  async function copy(): Promise<string> {
    const folder = join(studio.root, `damaged-${++damaged}`);
    await cp(whole, folder, { recursive: true });
    return folder;
  }
  const refused = (folder: string, code: string): Promise<void> =>
    assert.rejects(
      checkDraft(folder, { placedAt: whole, timeline }),
      (error: unknown) => error instanceof PermanentError && error.code === code,
      code,
    );

  it('takes a whole draft, where it is and where it is not yet', async () => {
    await checkDraft(whole, { timeline });
    await checkDraft(await copy(), { placedAt: whole });
  });

  const first = (content: DraftContent, name: string) => trackOf(content, name).segments[0]!;
  const damages: [string, string, (content: DraftContent) => void][] = [
    ['a segment over the next', 'draft_overlap', (c) => (first(c, 'captions').target_timerange.duration += 1e6)],
    ['a material that is not there', 'draft_dangling_id', (c) => (first(c, 'pictures').material_id = 'nothing')],
    ['a transition that is not there', 'draft_dangling_id', (c) => (c.materials['transitions'] = [])],
    ['one id for two things', 'draft_duplicate_id', (c) => (trackOf(c, 'music').id = trackOf(c, 'pictures').id)],
    ['a time between frames', 'draft_off_frame', (c) => (first(c, 'narration').target_timerange.start += 100)],
    ['a wrong length', 'draft_duration', (c) => (c.duration += 1)],
    ['media outside', 'draft_media_outside', (c) => (c.materials['videos']![0]!['path'] = '/etc/hosts')],
    ['media that climb out', 'draft_media_outside', (c) => (c.materials['audios']![0]!['path'] = `${whole}/../x.wav`)],
    ['media not in the pool', 'draft_media_pool', (c) => (c.materials['videos']![0]!['local_material_id'] = 'x')],
    ['another length of a sound', 'draft_media_differs', (c) => (c.materials['audios']![0]!['duration'] = 9e6)],
    ['another size of a picture', 'draft_media_differs', (c) => (c.materials['videos']![0]!['width'] = 1)],
    ['more sound than there is', 'draft_source_range', (c) => (first(c, 'music').source_timerange!.start = 32e6)],
    ['a tempo that is not the segment’s', 'draft_source_range', (c) => (first(c, 'narration').speed = 1.5)],
    [
      'a transition longer than its picture',
      'draft_transition',
      (c) => (c.materials['transitions']![0]!['duration'] = 2e6),
    ],
    ['a text that is no text', 'draft_text', (c) => (c.materials['texts']![0]!['content'] = '{"text":')],
    [
      'styles that leave a gap',
      'draft_text',
      (c) => (c.materials['texts']![0]!['content'] = '{"text":"ab","styles":[{"range":[0,1]}]}'),
    ],
    ['no canvas', 'draft_unreadable', (c) => delete c['canvas_config']],
    ['a negative time', 'draft_unreadable', (c) => (first(c, 'captions').target_timerange.start = -1)],
    ['another film', 'draft_differs', (c) => (trackOf(c, 'captions').segments.pop(), c.materials['texts']!.pop())],
  ];
  for (const [what, code, damage] of damages) {
    it(`refuses ${what} as ${code}`, async () => {
      const folder = await copy();
      await edit(folder, damage);
      // The pool is checked by the path it names: what is outside is told first by its place in the pool.
      if (code === 'draft_media_outside') await alsoInPool(folder);
      await refused(folder, code);
    });
  }

  /** Lets the pool name what the content names, so that the path alone is at fault. */
  async function alsoInPool(folder: string): Promise<void> {
    const meta = JSON.parse(await readFile(join(folder, META_FILE), 'utf8')) as {
      draft_materials: { value: { id: string; file_Path: string }[] }[];
    };
    const content = JSON.parse(await readFile(join(folder, 'draft_content.json'), 'utf8')) as DraftContent;
    const { videos = [], audios = [] } = content.materials;
    for (const material of [...videos, ...audios]) {
      const entry = meta.draft_materials[0]!.value.find(({ id }) => id === material['local_material_id']);
      if (entry !== undefined) entry.file_Path = String(material['path']);
    }
    await writeFile(join(folder, META_FILE), JSON.stringify(meta));
  }

  it('refuses media that are gone, empty or a link', async () => {
    const file = (folder: string): string => join(folder, 'assets/audio/narration-1.wav');
    const [gone, empty, link] = [await copy(), await copy(), await copy()];
    await rm(file(gone));
    await truncate(file(empty));
    await rm(file(link));
    await symlink(file(whole), file(link));
    for (const folder of [gone, empty, link]) await refused(folder, 'draft_media_missing');
  });

  it('refuses media that are not what they were', async () => {
    const folder = await copy();
    const other = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    await writeFile(join(folder, 'assets/image/picture-1.png'), other);
    await refused(folder, 'draft_media_differs');
  });

  it('refuses two contents that are not the same', async () => {
    const folder = await copy();
    const text = await readFile(join(folder, 'draft_info.json'), 'utf8');
    await writeFile(join(folder, 'draft_info.json'), text.replace('"fps":30', '"fps":25'));
    await refused(folder, 'draft_names_disagree');
  });

  it('tells what is no draft, what an app has encrypted, and what is no JSON', async () => {
    await refused(studio.assets.folder, 'not_a_draft');
    await refused(join(studio.root, 'nowhere'), 'not_a_draft');
    const [encrypted, broken] = [await copy(), await copy()];
    await writeFile(join(encrypted, 'draft_content.json'), Buffer.from('nothing that we can read').toString('base64'));
    await refused(encrypted, 'draft_encrypted');
    await truncate(join(broken, 'draft_content.json'), 1_000);
    await refused(broken, 'draft_unreadable');
  });
});
