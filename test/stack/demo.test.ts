import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../until.ts';
import { processesBelow } from './stand-ins.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-demo-'));
const script = fileURLToPath(new URL('demo-process.ts', import.meta.url));

const started: ChildProcess[] = [];

after(() => {
  // With a demo dies all that it has started.
  for (const child of started) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true, maxRetries: 20 });
});

function startDemo(name: string, ...args: string[]) {
  const dataDir = path.join(scratch, name);
  const out = path.join(scratch, `${name}-out`);
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    ['--import', 'tsx', script, dataDir, out, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  started.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, dataDir, out, ended, text: () => text };
}

function assertNothingLeft(dataDir: string): void {
  assert.deepEqual(processesBelow(dataDir), []);
  assert.deepEqual(readdirSync(dataDir), [], 'the demo removes its data');
}

describe('the demo', () => {
  it('saves film, cover, captions and result, and says what is not as asked', async () => {
    const run = startDemo('film', 'orderly');
    assert.equal(await run.ended, 0, run.text());
    assert.match(run.text(), /local sandbox, not from Doubao/);
    assert.match(run.text(), /http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/video-v0123456789/);
    assert.match(run.text(), /stage assets\n.* audio {2}1\/2 {2}s1 complete\n/);
    assert.match(
      run.text(),
      /visual 2\/2 {2}s1 complete, s2 failed \(content_rejected\)\n.*stage compose\n.*render 45\/450 frames \(10 %\)/,
    );
    assert.match(run.text(), /s2 picture: The picture was refused\. \(content_rejected\); instead: picture of s1/);
    assert.match(run.text(), /CNY 0\.4000/);
    assert.match(run.text(), /stage script\n.* s {2}running\n/);
    assert.match(
      run.text(),
      /Saved: .*video\.mp4, and beside it cover\.jpg, captions\.srt, captions\.ass, result\.json\n/,
    );
    assert.deepEqual(readdirSync(run.out).sort(), [
      'captions.ass',
      'captions.srt',
      'cover.jpg',
      'result.json',
      'video.mp4',
    ]);
    assert.match(readFileSync(path.join(run.out, 'video.mp4'), 'utf8'), /^bytes of \/api\/v1\/assets\/66696c6d/);
    const result = JSON.parse(readFileSync(path.join(run.out, 'result.json'), 'utf8')) as { status: string };
    assert.equal(result.status, 'partial');
    assertNothingLeft(run.dataDir);
  });

  it('ends with 1 and the reason when the video fails', async () => {
    const run = startDemo('failed', 'failing');
    assert.equal(await run.ended, 1);
    assert.match(run.text(), /Failed: No picture could be made\. \(no_real_pictures\)/);
    assert.ok(!existsSync(run.out));
    assertNothingLeft(run.dataDir);
  });

  it('cancels the video on Ctrl-C, waits for that, and cleans up', async () => {
    const run = startDemo('cancelled', 'slow');
    await until('the first scene is shown', () => run.text().includes('s1 complete'));
    // A terminal and npm both pass one press on.
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 130);
    assert.match(
      run.text(),
      /Cancelling the video.*\n.*The video was cancelled\.\nCost: CNY 0\.2000 in 1 call by the price table/,
    );
    assertNothingLeft(run.dataDir);
  });

  it('cleans up when interrupted while the stack starts', async () => {
    const run = startDemo('early', 'orderly');
    await until('something is ready', () => run.text().includes('is ready'));
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 143);
    assertNothingLeft(run.dataDir);
  });

  it('makes the film although nobody reads its output', async () => {
    const run = startDemo('unread', 'orderly');
    await once(run.child.stdout, 'data');
    run.child.stdout.destroy();
    run.child.stderr.destroy();
    assert.equal(await run.ended, 0);
    assert.ok(existsSync(path.join(run.out, 'video.mp4')));
    assertNothingLeft(run.dataDir);
  });

  it('keeps the stack up until Ctrl-C when asked to', async () => {
    const run = startDemo('kept', 'orderly', 'keep');
    await until('the film is saved', () => run.text().includes('The stack stays up'));
    const url = /API +(http:\S+)/.exec(run.text())?.[1] ?? assert.fail(run.text());
    assert.equal(await (await fetch(url)).text(), 'gateway');
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 0);
    assert.deepEqual(processesBelow(run.dataDir), []);
    assert.equal(readdirSync(run.dataDir).length, 1, 'its data stays');
  });
});
