import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FinishedVideo } from '../../src/contract/video.ts';
import { decodeFully } from '../../src/render/probe.ts';
import { testFfmpeg } from '../render/films.ts';
import { processesBelow } from '../stack/stand-ins.ts';
import { until } from '../until.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-newcomer-'));
const project = fileURLToPath(new URL('../..', import.meta.url));

const SAVED = ['captions.ass', 'captions.srt', 'cover.jpg', 'draft', 'draft.zip', 'result.json', 'video.mp4'];

/** What `npm run demo` runs, without npm's own word on a Ctrl-C. */
function startDemo(name: string, args: string[], environment: Record<string, string> = {}) {
  const out = path.join(scratch, `${name}-out`);
  const dataDir = path.join(scratch, name);
  const child = spawn(process.execPath, ['scripts/run.mjs', 'demo', '--resolution', '360p', '--out', out, ...args], {
    cwd: project,
    env: { ...process.env, ARK_API_KEY: '', DATA_DIR: dataDir, SANDBOX_DELAY_SCALE: '0.05', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // so that Ctrl-C can be sent to all of it, as a terminal does
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const interrupt = () => process.kill(-(child.pid as number), 'SIGINT');
  return { out, dataDir, ended, interrupt, text: () => text };
}

describe('npm run demo', () => {
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('leaves a film, two of them side by side, and no process', async () => {
    const runs = [
      startDemo('one', ['--theme', '介绍我们的新款智能手表', '--duration', '5']),
      startDemo('two', ['--theme', 'A cat on the moon', '--duration', '5']),
    ];
    for (const run of runs) {
      assert.equal(await run.ended, 0, run.text());
      assert.deepEqual(readdirSync(run.out).sort(), SAVED);
      const saved = JSON.parse(readFileSync(path.join(run.out, 'result.json'), 'utf8')) as {
        files: Record<string, string>;
      };
      const { files, ...video } = saved;
      const result = FinishedVideo.parse(video);
      for (const file of Object.values(files)) assert.ok(existsSync(path.join(run.out, file)), file);
      assert.equal(result.status, 'success', JSON.stringify(result.degradations));
      const film = { ffmpeg: await testFfmpeg(), path: path.join(run.out, 'video.mp4') };
      assert.equal((await decodeFully({ ...film, signal: AbortSignal.timeout(60_000) })).frames, 150);
      assert.match(run.text(), /http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/video-v/);
      assert.match(run.text(), /local sandbox, not from Doubao/);
      assert.deepEqual(processesBelow(run.dataDir), []);
    }
  });

  it('cancels on Ctrl-C, in the middle of the work, and leaves nothing', async () => {
    const faults = path.join(scratch, 'faults.json');
    writeFileSync(faults, JSON.stringify([{ route: 'image', fault: { delayMs: 2000 } }]));
    const run = startDemo('interrupted', ['--duration', '10'], { SANDBOX_FAULTS: faults });
    await until('narration is there', () => /audio +\d\/\d/.test(run.text()), { otherwise: run.text });
    run.interrupt();
    assert.equal(await run.ended, 130, run.text());
    assert.match(run.text(), /The video was cancelled\.\nCost: CNY/);
    assert.deepEqual(processesBelow(run.dataDir), []);
    assert.deepEqual(readdirSync(run.dataDir), [], 'the demo removes its data');
  });
});
