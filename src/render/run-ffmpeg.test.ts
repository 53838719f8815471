import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FfmpegError, runFfmpeg } from './run-ffmpeg.ts';
import { isVerdict } from './unreadable.ts';

describe('runFfmpeg', () => {
  let folder: string;
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'run-ffmpeg-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  /** A script in ffmpeg's place. */
  async function standIn(name: string, script: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  }
  const signal = new AbortController().signal;
  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  it('reports frames as they are done', async () => {
    const ffmpeg = await standIn(
      'good',
      'for n in 5 10 12; do echo frame=$n; echo out_time_us=$n; echo progress=continue; done; echo said >&2',
    );
    const frames: number[] = [];
    const done = await runFfmpeg({ ffmpeg, args: [], cwd: folder, signal, onFrame: (frame) => frames.push(frame) });
    assert.deepEqual(frames, [5, 10, 12]);
    assert.deepEqual(done, { report: 'said\n', frames: 12 });
  });

  it('keeps only the end of what a failed ffmpeg said', async () => {
    const ffmpeg = await standIn(
      'bad',
      'i=0; while [ $i -lt 500 ]; do echo "line $i of a long complaint" >&2; i=$((i+1)); done; exit 3',
    );
    await assert.rejects(runFfmpeg({ ffmpeg, args: [], cwd: folder, signal }), (error) => {
      assert.ok(error instanceof FfmpegError);
      assert.equal(error.exitCode, 3);
      assert.ok(error.message.length < 2_200 && error.message.includes('line 499'));
      return true;
    });
  });

  it('ends one that reports on and on without getting anywhere', async () => {
    const ffmpeg = await standIn(
      'hangs',
      `echo $$ > ${folder}/pid; while true; do echo frame=7; echo progress=continue; sleep 0.05; done`,
    );
    const started = Date.now();
    await assert.rejects(
      runFfmpeg({ ffmpeg, args: [], cwd: folder, signal, noProgressMs: 400 }),
      /no progress for 0.4 s/,
    );
    assert.ok(Date.now() - started < 30_000);
    assert.equal(alive(Number(await readFile(join(folder, 'pid'), 'utf8'))), false);
  });

  it('ends one that stands still, and does not hear SIGTERM any more', async () => {
    const ffmpeg = await standIn(
      'stands',
      `echo $$ > ${folder}/pid; echo frame=7; echo progress=continue; kill -STOP $$`,
    );
    const started = Date.now();
    await assert.rejects(
      runFfmpeg({ ffmpeg, args: [], cwd: folder, signal, noProgressMs: 400 }),
      (error) => error instanceof FfmpegError && error.exitCode === null && /no progress/.test(error.message),
    );
    assert.ok(Date.now() - started < 30_000);
    assert.equal(alive(Number(await readFile(join(folder, 'pid'), 'utf8'))), false);
  });

  it('tells a crash from a verdict: only a verdict is about what it was given', async () => {
    const ffmpeg = await standIn('crashes', 'echo "last words" >&2; kill -SEGV $$');
    await assert.rejects(runFfmpeg({ ffmpeg, args: [], cwd: folder, signal }), (error) => {
      assert.ok(error instanceof FfmpegError);
      assert.match(error.message, /SIGSEGV.*last words/);
      assert.equal(isVerdict(error), false);
      return true;
    });
  });

  it('on abort ends even one that does not listen, and throws the reason', async () => {
    const ffmpeg = await standIn('deaf', `trap '' TERM; echo $$ > ${folder}/pid; while true; do sleep 0.05; done`);
    const started = Date.now();
    const running = runFfmpeg({ ffmpeg, args: [], cwd: folder, signal: AbortSignal.timeout(200) });
    await assert.rejects(running, { name: 'TimeoutError' });
    assert.ok(Date.now() - started < 30_000);
    assert.equal(alive(Number(await readFile(join(folder, 'pid'), 'utf8'))), false);
  });

  it('says when there is no such command', async () => {
    await assert.rejects(runFfmpeg({ ffmpeg: join(folder, 'none'), args: [], cwd: folder, signal }));
  });
});
