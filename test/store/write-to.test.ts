import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeTo } from '../../src/store/write-to.ts';

/** Sources that break while their file is being opened. With `pipeline` alone, some in a thousand leave one behind. */
const BREAKING: readonly (() => Readable)[] = [
  () => {
    const silent = new Readable({ read: () => {} });
    process.nextTick(() => silent.destroy(new Error('cut')));
    return silent;
  },
  () =>
    new Readable({
      read() {
        this.destroy(new Error('cut'));
      },
    }),
  () =>
    Readable.from(
      (function* () {
        yield Buffer.from('half');
        throw new Error('cut');
      })(),
    ),
];

describe('writing a stream to a file', () => {
  let dir: string;
  beforeEach(async () => void (dir = await mkdtemp(path.join(tmpdir(), 'write-to-test-'))));
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('is done with the file when it fails: removed then, it stays away', async () => {
    for (let round = 0; round < 300; round++)
      for (const breaking of BREAKING) {
        const attempt = async (_: unknown, n: number): Promise<void> => {
          const file = path.join(dir, String(n));
          await assert.rejects(writeTo(file, breaking()), /cut/);
          await rm(file, { force: true });
        };
        await Promise.all(Array.from({ length: 4 }, attempt));
        await sleep(1); // a file that comes back does so now
        assert.deepEqual(await readdir(dir), []);
      }
  });

  it('writes all of it', async () => {
    const file = path.join(dir, 'whole');
    await writeTo(file, Readable.from([Buffer.from('one '), Buffer.from('two')]), { flush: true, flags: 'wx' });
    assert.equal(await readFile(file, 'utf8'), 'one two');
    await assert.rejects(writeTo(file, Readable.from([Buffer.from('again')]), { flags: 'wx' }), /EEXIST/);
  });
});
