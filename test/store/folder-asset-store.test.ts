import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
