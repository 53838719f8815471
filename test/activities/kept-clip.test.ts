import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ApplicationFailure } from '@temporalio/activity';
import type { KeepClipInput } from '../../src/activities/clip.ts';
import { seeded } from '../../sandbox/seeded.ts';
import { canvasFor } from '../../src/domain/canvas.ts';
import type { ClipAsset } from '../../src/domain/outcome.ts';
import { decodeFully, probeMedia } from '../../src/render/probe.ts';
import { madeClip } from '../render/clip-fixtures.ts';
import { testFfmpeg } from '../render/films.ts';
import { Client } from '../sandbox/harness.ts';
import { newVideoId, TENANT, useWorkshop } from './workshop.ts';

const run = promisify(execFile);
const TASK = 'cgt-20250629201507-n6k56';

/** Three bits, anywhere. */
function flipped(whole: Uint8Array, seed: number): Buffer {
  const [damaged, dice] = [Buffer.from(whole), seeded('flipped bits', seed)];
  for (let bit = 0; bit < 3; bit++) {
    const at = dice.integer(0, damaged.length - 1);
    damaged[at] = damaged[at]! ^ (1 << dice.integer(0, 7));
  }
  return damaged;
}

/** A provider that has made what a test says: its task, and the file behind its URL. */
describe('keeping a clip', () => {
  const provider = new Client();
  let server: Server;
  let file: Uint8Array = Buffer.alloc(0);
  before(async () => {
    server = createServer((request, response) => {
      if (request.url === '/clip.mp4?sig=1') return void response.end(file);
      const task = {
        id: TASK,
        model: 'm',
        status: 'succeeded',
        content: { video_url: `${provider.url}/clip.mp4?sig=1` },
      };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(task));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  const workshop = useWorkshop(provider);
  after(() => server.close());

  const input = (): KeepClipInput => ({
    ...{ taskId: TASK, model: 'm', channel: 'http_channel', seed: 1 },
    key: { tenant: TENANT, videoId: newVideoId(), sceneId: 's1', purpose: 'clip' },
    film: { canvas: canvasFor('9:16', '360p'), fps: 30, seconds: 5 },
  });

  it('takes whatever raster and codec comes, 10-bit HEVC too, and makes it fit the film', async () => {
    file = await madeClip(await testFfmpeg(), {
      source: 'testsrc2=s=704x1248:r=24:d=1.5',
      output: ['-c:v', 'libx265', '-pix_fmt', 'yuv420p10le', '-tag:v', 'hvc1', '-x265-params', 'log-level=none'],
    });
    const kept = await workshop.run(workshop.activities.keepClip, input());
    assert.deepEqual([kept.durationMs, kept.model], [1500, 'm']);
    const at = path.join(workshop.config.dataDir, 'kept.mp4');
    await writeFile(at, await workshop.deps.assets.read(kept.clip));
    const { video } = await probeMedia(at);
    assert.deepEqual([video?.codec, video?.bitDepth, video?.chroma, video?.fps], ['AVC', 8, '4:2:0', 30]);
    assert.ok(kept.width >= 360 && kept.height >= 640 && kept.width % 2 === 0, `${kept.width}x${kept.height}`);
  });

  it('keeps the pictures of a clip that needs no other form, to the bit', async () => {
    file = await madeClip(await testFfmpeg(), {
      source: 'testsrc2=s=368x640:r=24:d=1.5',
      output: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-metadata', 'comment=whose'],
    });
    const kept = await workshop.run(workshop.activities.keepClip, input());
    assert.deepEqual([kept.durationMs, kept.width, kept.height], [1500, 368, 640]);
    const [came, at] = ['came.mp4', 'as-it-came.mp4'].map((name) => path.join(workshop.config.dataDir, name));
    const bytes = await workshop.deps.assets.read(kept.clip);
    await writeFile(came!, file);
    await writeFile(at!, bytes);
    assert.equal(await packets(at!), await packets(came!));
    assert.ok(!bytes.includes('whose'), 'what a file says beside its pictures does not stay');
  });

  /** A digest of each encoded picture. */
  async function packets(file: string): Promise<string> {
    const args = ['-v', 'error', '-i', file, '-map', '0:v:0', '-c', 'copy', '-f', 'streamhash', '-'];
    return (await run(await testFfmpeg(), args)).stdout;
  }

  const refused = async () => {
    const { type, nonRetryable, message } = await workshop.failure(workshop.activities.keepClip, input());
    assert.deepEqual([type, nonRetryable], ['temporary_failure', false], message);
  };

  it('refuses a whole film without a picture in it, and one of a single frame', async () => {
    const pieces = await madeClip(await testFfmpeg(), {
      source: 'testsrc2=s=480x864:r=24:d=1',
      output: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', 'empty_moov+frag_keyframe+default_base_moof'],
    });
    // Its head says which pictures there would be; all of them come after it.
    const head = pieces.subarray(0, pieces.indexOf('moof') - 4);
    const one = await madeClip(await testFfmpeg(), {
      source: 'testsrc2=s=480x864:r=24:d=0.04',
      output: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
    });
    for (const film of [head, one]) {
      file = Buffer.from(film);
      await refused();
    }
  });

  it('with bits flipped at random is fetched again, or is a whole film all the same', async () => {
    const whole = await madeClip(await testFfmpeg(), {
      source: 'testsrc2=s=96x160:r=24:d=1',
      output: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
    });
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 25; seed++) {
      file = flipped(whole, seed);
      const kept = await workshop.run(workshop.activities.keepClip, input()).catch((error: unknown) => error);
      if (kept instanceof ApplicationFailure) {
        assert.deepEqual([kept.type, kept.nonRetryable], ['temporary_failure', false], `seed ${seed}: ${kept.message}`);
        outcomes.add('refused');
        continue;
      }
      assert.ok(typeof kept === 'object' && kept !== null && 'clip' in kept, `seed ${seed}: ${String(kept)}`);
      const at = path.join(workshop.config.dataDir, 'flipped.mp4');
      await writeFile(at, await workshop.deps.assets.read((kept as ClipAsset).clip));
      const signal = new AbortController().signal;
      const { frames } = await decodeFully({ path: at, ffmpeg: await testFfmpeg(), signal });
      const { video } = await probeMedia(at);
      assert.equal(frames, Math.round(((kept as ClipAsset).durationMs * video!.fps) / 1000), `seed ${seed}`);
      outcomes.add('kept');
    }
    assert.ok(outcomes.has('refused'), 'nothing was damaged enough to be refused');
  });

  it('refuses what is torn, or no film at all, until a good one comes', async () => {
    const whole = await madeClip(await testFfmpeg(), {
      source: 'testsrc2=s=480x864:r=24:d=1',
      output: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
    });
    for (const bad of [whole.subarray(0, whole.length / 2), Buffer.from('<html>not a film</html>')]) {
      file = Buffer.from(bad);
      await refused();
    }
    file = whole;
    assert.equal((await workshop.run(workshop.activities.keepClip, input())).durationMs, 1000);
  });
});
