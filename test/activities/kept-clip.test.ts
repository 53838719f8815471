import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { KeepClipInput } from '../../src/activities/clip.ts';
import { canvasFor } from '../../src/domain/canvas.ts';
import { probeMedia } from '../../src/render/probe.ts';
import { madeClip } from '../render/clip-fixtures.ts';
import { testFfmpeg } from '../render/films.ts';
import { Client } from '../sandbox/harness.ts';
import { newVideoId, TENANT, useWorkshop } from './workshop.ts';

const TASK = 'cgt-20250629201507-n6k56';

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

  it('refuses what is torn, or no film at all, until a good one comes', async () => {
    const whole = await madeClip(await testFfmpeg(), {
      source: 'testsrc2=s=480x864:r=24:d=1',
      output: ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
    });
    for (const bad of [whole.subarray(0, whole.length / 2), Buffer.from('<html>not a film</html>')]) {
      file = Buffer.from(bad);
      const { type, nonRetryable } = await workshop.failure(workshop.activities.keepClip, input());
      assert.deepEqual([type, nonRetryable], ['temporary_failure', false]);
    }
    file = whole;
    assert.equal((await workshop.run(workshop.activities.keepClip, input())).durationMs, 1000);
  });
});
