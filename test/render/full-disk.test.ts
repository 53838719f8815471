import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PermanentError } from '../../src/domain/errors.ts';
import { probeMedia } from '../../src/render/probe.ts';
import { renderFilm } from '../../src/render/render-film.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { testFfmpeg, testTimeline } from './films.ts';
import { TestAssets } from './fixtures.ts';

/** More than the film and its pieces need, and less than that beside what fills it. */
const DISK_MIB = 24;

/** A disk of its own, in memory: it is really full. Needs the right to mount. */
describe('a render on a full disk', { skip: process.platform !== 'linux' }, () => {
  let root: string;
  let disk: string;
  let assets: TestAssets;
  let timeline: Timeline;
  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'full-disk-'));
    disk = mkdtempSync(path.join(root, 'disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk]);
    assets = new TestAssets(path.join(root, 'assets'));
    timeline = await testTimeline(assets);
  });
  after(() => {
    execFileSync('umount', [disk]);
    rmSync(root, { recursive: true, force: true });
  });

  it('fails in a way that is tried again, leaves no half film, and succeeds when there is room', async () => {
    const workDir = path.join(disk, 'film');
    const ffmpeg = await testFfmpeg();
    const render = () =>
      renderFilm({
        ...{ timeline, format: 'mp4', assetPath: assets.path, workDir, ffmpeg },
        onProgress: () => {},
        signal: new AbortController().signal,
      });
    const ballast = path.join(disk, 'ballast');
    // Room for the fonts and a little more.
    assert.throws(() => writeFileSync(ballast, Buffer.alloc((DISK_MIB + 1) * 1024 * 1024)), /ENOSPC/);

    await assert.rejects(render(), (error: unknown) => {
      assert.ok(!(error instanceof PermanentError), `${String(error)}: not tried again`);
      assert.match(`${String(error)}`, /ENOSPC|No space left|no space/i);
      return true;
    });
    assert.deepEqual(
      readdirSync(disk, { recursive: true }).filter((name) => /tmp-|film-.*\.mp4$/.test(String(name))),
      [],
    );

    rmSync(ballast);
    const { videoPath } = await render();
    assert.equal((await probeMedia(videoPath)).video?.frames, 150);
  });
});
