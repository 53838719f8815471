import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { ZipFile } from 'yazl';
import { builtProgram } from '../built-program.ts';
import { PermanentError } from '../../src/domain/errors.ts';
import { checkDraft } from '../../src/draft/check-draft.ts';
import { relocateDraft } from '../../src/draft/relocate-draft.ts';
import { filesIn, zipDraft } from '../../src/draft/zip-draft.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { testTimeline } from '../render/films.ts';
import { loadDraft, SET_UP_MS } from './pyjianyingdraft.ts';
import { contentOf, edit, useStudio } from './studio.ts';

const run = promisify(execFile);
const CLI = builtProgram('src/cli/main.js');

describe('relocateDraft', () => {
  const studio = useStudio();
  let timeline: Timeline;
  let folder = '';
  let zip = '';
  let places = 0;
  before(async () => {
    timeline = await testTimeline(studio.assets, { durationSeconds: 6 });
    folder = await studio.draft(timeline, { videoId: 'vMoved' });
    zip = await packed(folder, 'draft.zip');
  });

  const newPlace = (): string => join(studio.root, `app ${++places}`, 'com.lveditor.draft');
  async function packed(of: string, name: string): Promise<string> {
    const file = join(studio.root, name);
    const stream = await zipDraft(of, { name: basename(of), signal: new AbortController().signal });
    await pipeline(stream, createWriteStream(file));
    return file;
  }
  const refused = (given: string, code: string, to = newPlace()): Promise<void> =>
    assert.rejects(
      relocateDraft(given, to),
      (error: unknown) => error instanceof PermanentError && error.code === code,
      code,
    );

  it('the ZIP is the same, to the byte, for the same draft', async () => {
    const copy = join(studio.root, 'copy', 'draft-vMoved');
    await cp(folder, copy, { recursive: true });
    assert.equal(await hashOf(await packed(copy, 'again.zip')), await hashOf(zip));
  });

  it('unpacks a ZIP, makes it whole in its new place, and a second time changes nothing', async () => {
    const to = newPlace();
    const moved = await relocateDraft(zip, to);
    assert.deepEqual(moved, { folder: join(to, 'draft-vMoved'), changed: true });
    await checkDraft(moved.folder, { timeline });
    const before = await contents(moved.folder);
    assert.deepEqual(Object.keys(before), await filesIn(folder));
    assert.deepEqual(await relocateDraft(zip, to), { folder: moved.folder, changed: false });
    assert.deepEqual(await relocateDraft(moved.folder, to), { folder: moved.folder, changed: false });
    assert.deepEqual(await contents(moved.folder), before);
    assert.deepEqual(await readdir(to), ['draft-vMoved']);
  });

  it('a relocated draft loads in pyJianYingDraft, and the old one could be gone', { timeout: SET_UP_MS }, async () => {
    const from = newPlace();
    await mkdir(from, { recursive: true });
    await cp(folder, join(from, 'draft-vMoved'), { recursive: true });
    await relocateDraft(join(from, 'draft-vMoved'), from);
    const moved = join(newPlace(), '..');
    await rename(from, moved);
    // Unrelocated, its media are lost.
    await assert.rejects(loadDraft(join(moved, 'draft-vMoved')), /FileNotFoundError/);
    const relocated = await relocateDraft(join(moved, 'draft-vMoved'), moved);
    assert.equal(relocated.changed, true);
    const loaded = await loadDraft(relocated.folder);
    assert.equal(loaded.durationUs, timeline.durationUs);
    assert.ok(Object.keys(loaded.media).every((path) => path.startsWith(`${relocated.folder}/assets/`)));
    await checkDraft(relocated.folder, { timeline });
  });

  it('brings a folder from elsewhere and leaves it as it was', async () => {
    const before = await contents(folder);
    const { folder: moved } = await relocateDraft(folder, newPlace());
    await checkDraft(moved, { timeline });
    assert.deepEqual(await contents(folder), before);
  });

  it('finds the media of a draft whose old place is not known any more', async () => {
    const to = newPlace();
    const moved = join(to, 'renamed by hand');
    await cp(folder, moved, { recursive: true });
    const windows = 'C:\\Users\\me\\JianyingPro Drafts\\draft-vMoved';
    const [text, meta] = await Promise.all(
      ['draft_content.json', 'draft_meta_info.json'].map((name) => readFile(join(moved, name), 'utf8')),
    );
    const onWindows = (json: string): string => json.replaceAll(folder, JSON.stringify(windows).slice(1, -1));
    for (const name of ['draft_content.json', 'draft_info.json']) await writeFile(join(moved, name), onWindows(text!));
    await writeFile(join(moved, 'draft_meta_info.json'), meta!.replaceAll(folder, '/somewhere/else'));
    assert.equal((await relocateDraft(moved, to)).changed, true);
    await checkDraft(moved, { timeline });
  });

  it('leaves media that an editor has added from elsewhere, and its other changes', async () => {
    const to = newPlace();
    const moved = join(to, 'draft-vMoved');
    await cp(folder, moved, { recursive: true });
    const own = studio.assets.path(await studio.assets.picture(7));
    await edit(moved, (content) => {
      content.materials['videos']!.push({ ...content.materials['videos']![0]!, id: 'mine', path: own });
      content['something_new'] = { kept: true };
    });
    await relocateDraft(moved, to);
    const content = await contentOf(moved);
    assert.equal(content.materials['videos']!.at(-1)!['path'], own);
    assert.deepEqual(content['something_new'], { kept: true });
  });

  it('goes on where a first try was broken off', async () => {
    const to = newPlace();
    const moved = join(to, 'draft-vMoved');
    await cp(folder, moved, { recursive: true });
    await relocateDraft(moved, to);
    // As if only one of the three files had been written.
    for (const name of ['draft_info.json', 'draft_meta_info.json']) await cp(join(folder, name), join(moved, name));
    assert.equal((await relocateDraft(moved, to)).changed, true);
    await checkDraft(moved, { timeline });
  });

  it('does not write over another draft, nor over what was edited', async () => {
    const to = newPlace();
    const { folder: moved } = await relocateDraft(zip, to);
    await edit(moved, (content) => (content['name'] = 'my own'));
    await refused(zip, 'draft_exists', to);
    assert.equal((await contentOf(moved))['name'], 'my own');
  });

  it('says what is wrong with what it is given, and leaves nothing behind', async () => {
    const to = newPlace();
    await refused(join(studio.root, 'nothing'), 'draft_not_found', to);
    await refused(studio.assets.folder, 'not_a_draft', to);
    const text = join(studio.root, 'note.txt');
    await writeFile(text, 'not a ZIP');
    await refused(text, 'draft_zip_unreadable', to);
    const cut = join(studio.root, 'cut.zip');
    await cp(zip, cut);
    await truncate(cut, 40_000);
    await refused(cut, 'draft_zip_unreadable', to);
    const lost = join(studio.root, 'lost', 'draft-vMoved');
    await cp(folder, lost, { recursive: true });
    await rm(join(lost, 'assets/audio/music-1.m4a'));
    await refused(await packed(lost, 'lost.zip'), 'draft_media_missing', to);
    assert.deepEqual(await readdir(to), []);
  });

  it('unpacks nothing that climbs out, is a link, or is hidden', async () => {
    const evil = async (name: string, change: (zip: ZipFile) => void): Promise<string> => {
      const file = join(studio.root, name);
      const pack = new ZipFile();
      change(pack);
      pack.end();
      await pipeline(pack.outputStream, createWriteStream(file));
      return file;
    };
    const climbing = await evil('climb.zip', (pack) => pack.addBuffer(Buffer.from('x'), 'aa/bbbbbb.txt'));
    const bytes = await readFile(climbing);
    await writeFile(climbing, Buffer.from(bytes.toString('latin1').replaceAll('aa/bbbbbb', '../../bbb'), 'latin1'));
    const link = await evil('link.zip', (pack) => pack.addBuffer(Buffer.from('/etc'), 'd/link', { mode: 0o120777 }));
    const hidden = await evil('hidden.zip', (pack) => pack.addBuffer(Buffer.from('x'), './x'));
    const flat = await evil('flat.zip', (pack) => pack.addBuffer(Buffer.from('x'), 'x.json'));
    const two = await evil('two.zip', (pack) => {
      pack.addBuffer(Buffer.from('x'), 'a/x');
      pack.addBuffer(Buffer.from('x'), 'b/x');
    });
    for (const file of [climbing, link, hidden, flat, two]) await refused(file, 'draft_zip_unreadable');
    const linked = join(studio.root, 'linked', 'draft-vMoved');
    await cp(folder, linked, { recursive: true });
    await rm(join(linked, 'assets/audio/music-1.m4a'));
    await symlink('/etc/hosts', join(linked, 'assets/audio/music-1.m4a'));
    await refused(linked, 'draft_media_missing');
  });

  it('is a command', async () => {
    const to = newPlace();
    const relocate = (draft: string) => run(process.execPath, [CLI, 'draft', 'relocate', draft, '--to', to]);
    const moved = join(to, 'draft-vMoved');
    assert.equal((await relocate(zip)).stdout, `${moved}\n`);
    assert.equal((await relocate(moved)).stdout, `${moved} (nothing to do: it was there already)\n`);
    await assert.rejects(relocate('/nowhere'), { code: 1, stderr: 'There is nothing at /nowhere.\n' });
  });
});

const hashOf = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

async function contents(of: string): Promise<Record<string, string>> {
  const files = await filesIn(of);
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await hashOf(join(of, file))] as const)),
  );
}
