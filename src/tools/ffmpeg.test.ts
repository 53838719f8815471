import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PermanentError } from '../domain/errors.ts';
import { installOnce } from './cache.ts';
import { findFfmpeg } from './ffmpeg.ts';

describe('findFfmpeg', () => {
  let folder: string;
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'find-ffmpeg-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  const find = (explicitPath: string) => findFfmpeg({ explicitPath, cacheDir: folder, onNote: () => {} });
  const missing = (words: RegExp) => (error: unknown) =>
    error instanceof PermanentError &&
    error.code === 'ffmpeg_missing' &&
    words.test(error.message) &&
    /Install ffmpeg/.test(error.message);

  it('takes no other than the one that was named', async () => {
    await assert.rejects(find(join(folder, 'none')), missing(/no such file/));
  });

  it('names what a build lacks', async () => {
    const path = join(folder, 'poor');
    await writeFile(
      path,
      "#!/bin/sh\necho 'ffmpeg version 5.1'\necho ' .. scale  V->V  Scale'\necho ' V....D libx264  H.264'\n",
    );
    await chmod(path, 0o755);
    await assert.rejects(find(path), missing(/it lacks .*xfade.*libvpx-vp9/));
  });
});

describe('installOnce', () => {
  let folder: string;
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'install-once-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  it('is safe when two do it at once, and leaves nothing temporary', async () => {
    const target = join(folder, 'tool');
    const fill = async (temporary: string): Promise<void> => {
      await mkdir(join(temporary, 'bin'));
      await writeFile(join(temporary, 'bin', 'tool'), 'x');
    };
    await Promise.all([installOnce(target, fill), installOnce(target, fill), installOnce(target, fill)]);
    assert.deepEqual(await readdir(folder), ['tool']);
    await installOnce(target, () => Promise.reject(new Error('not again')));
  });

  it('leaves nothing when it fails', async () => {
    await assert.rejects(
      installOnce(join(folder, 'bad'), () => Promise.reject(new Error('no network'))),
      /no network/,
    );
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('bad')),
      [],
    );
  });
});
