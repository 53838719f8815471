import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadConfig } from '../../src/config.ts';
import { convertClip } from '../../src/render/convert-clip.ts';
import { guardedInputs } from '../../src/render/guarded-inputs.ts';
import { countFrames } from '../../src/render/probe.ts';
import { FfmpegError, runFfmpeg } from '../../src/render/run-ffmpeg.ts';
import { isUnreadable } from '../../src/render/unreadable.ts';
import { findFfmpeg } from '../../src/tools/ffmpeg.ts';
import { madeClip } from './clip-fixtures.ts';

const signal = new AbortController().signal;
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const FILM = { canvas: { width: 180, height: 320 }, fps: 24, seconds: 2 };

/** Files that are called films and are lists of other files: a film that was not given, and an address that must not be asked. */
describe('ffmpeg is given a file that', () => {
  let folder: string;
  let ffmpeg: string;
  let secret: string;
  let server: Server;
  let asked = 0;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hostile-test-'));
    ffmpeg = (await findFfmpeg({ explicitPath: null, cacheDir: loadConfig().cacheDir, onNote: () => {} })).path;
    secret = path.join(folder, 'secret.ts');
    const film = await madeClip(ffmpeg, { source: 'testsrc2=s=64x64:r=24:d=1', output: X264, name: 'secret.ts' });
    await writeFile(secret, film);
    server = createServer((_request, response) => {
      asked += 1;
      response.end(film);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/film.ts`;
  const hls = (target: string) =>
    `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n${target}\n#EXT-X-ENDLIST\n`;
  const lists: [what: string, content: () => string][] = [
    ['is a playlist of a file', () => hls(secret)],
    ['is a playlist of an address', () => hls(address())],
    ['is a list of files to join', () => `ffconcat version 1.0\nfile '${secret}'\n`],
    ['is a list of addresses to join', () => `ffconcat version 1.0\nfile '${address()}'\n`],
    [
      'is a manifest',
      () =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><Period>` +
        `<AdaptationSet mimeType="video/mp2t"><Representation id="1" bandwidth="1"><BaseURL>${address()}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    ],
    ['is a session to join', () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n'],
    ['is a drawing', () => `<svg xmlns="http://www.w3.org/2000/svg"><image href="file://${secret}"/></svg>`],
  ];
  for (const [what, content] of lists)
    it(`${what}: it says no, reads nothing else and asks nobody`, async () => {
      const from = path.join(folder, 'clip.mp4');
      await writeFile(from, content());
      const read = ['-v', 'error', '-i', `file:${from}`, '-f', 'null', '-'];
      await assert.rejects(
        runFfmpeg({ ffmpeg, cwd: folder, signal, args: read }),
        (error) => error instanceof FfmpegError && error.exitCode !== null && error.exitCode > 0,
      );
      await assert.rejects(
        convertClip({ ffmpeg, from, to: path.join(folder, 'to.mp4'), ...FILM, cwd: folder, signal }),
      );
      assert.equal(await isUnreadable({ path: from, ffmpeg, signal }), true);
      assert.equal(asked, 0);
    });

  it('goes on for hours: no more is taken than the film needs', async () => {
    const long = path.join(folder, 'long.mp4');
    const hours = ['-r', '1/60', ...X264];
    await writeFile(long, await madeClip(ffmpeg, { source: 'color=gray:s=64x64:r=1/60:d=14400', output: hours }));
    const to = path.join(folder, 'short.mp4');
    await convertClip({ ffmpeg, from: long, to, ...FILM, cwd: folder, signal });
    assert.equal(await countFrames({ ffmpeg, path: to, signal }), FILM.seconds * FILM.fps);
  });

  it('is a list of its own: that is read, when it says what it is', async () => {
    await writeFile(path.join(folder, 'list.txt'), `ffconcat version 1.0\nfile 'one.mp4'\nfile 'one.mp4'\n`);
    await writeFile(
      path.join(folder, 'one.mp4'),
      await madeClip(ffmpeg, { source: 'testsrc2=s=64x64:r=24:d=1', output: X264 }),
    );
    const args = ['-f', 'concat', '-safe', '0', '-i', 'list.txt', '-c', 'copy', '-f', 'null', '-'];
    assert.equal((await runFfmpeg({ ffmpeg, cwd: folder, signal, args })).frames, 48);
  });

  it('comes beside others: each of them is guarded', () => {
    const args = guardedInputs(['-f', 'lavfi', '-i', 'color', '-i', 'a.mp4', '-f', 'null', '-']);
    const guards = args.flatMap((arg, at) => (arg === '-i' ? [args.slice(at - 4, at)] : []));
    assert.deepEqual(
      guards.map(([protocols, only, formats, list]) => [protocols, only, formats, list?.startsWith('lavfi,')]),
      [true, false].map((isMeant) => ['-protocol_whitelist', 'file', '-format_whitelist', isMeant]),
    );
  });
});
