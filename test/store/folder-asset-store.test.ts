import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FolderAssetStore } from '../../src/store/folder-asset-store.ts';

/** What only a folder has: the reference in a file of its own. */
describe('a reference in the folder', () => {
  let dir: string;
  beforeEach(async () => void (dir = await mkdtemp(path.join(tmpdir(), 'asset-store-test-'))));
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const damages: [string, (reference: string) => Promise<unknown>][] = [
    ['torn', (reference) => writeFile(reference, '{"uri": "asset:')],
    ['empty', (reference) => writeFile(reference, '')],
    ['gone', (reference) => rm(reference)],
  ];
  for (const [what, damage] of damages) {
    it(`that is ${what} does not count as stored; the next put mends it`, async () => {
      const store = new FolderAssetStore(dir);
      const ref = await store.put(Buffer.from('content'), 'text/plain');
      const { sha256 } = ref;
      await damage(path.join(dir, 'objects', sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.json`));
      assert.equal(await store.find(sha256), null);
      assert.deepEqual(await store.put(Buffer.from('content'), 'text/plain'), ref);
      assert.deepEqual(await store.find(sha256), ref);
      assert.equal((await store.read(ref)).toString(), 'content');
    });
  }
});

describe('a film from a work folder on another disk', () => {
  it('becomes an object like any other, and is not left where it was', async () => {
    const [dir, elsewhere] = await Promise.all([
      mkdtemp(path.join(tmpdir(), 'asset-store-test-')),
      mkdtemp('/dev/shm/asset-store-test-'),
    ]);
    try {
      assert.notEqual((await stat(dir)).dev, (await stat(elsewhere)).dev, 'two disks');
      const file = path.join(elsewhere, 'film.mp4');
      await writeFile(file, 'a film');
      const store = new FolderAssetStore(dir);
      const ref = await store.putFile(file, 'video/mp4');
      assert.equal((await store.read(ref)).toString(), 'a film');
      assert.deepEqual(await readdir(elsewhere), []);
      assert.deepEqual(await readdir(path.join(dir, 'incoming')), []);
    } finally {
      await Promise.all([dir, elsewhere].map((folder) => rm(folder, { recursive: true, force: true })));
    }
  });
});
