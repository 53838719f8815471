import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { register } from 'tsx/esm/api';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { until } from '../until.ts';
import { partialResult } from './fixtures/results.ts';
import { finish, render } from './fixtures/workflows.ts';
import { startTestGateway, type TestGateway } from './harness.ts';
import { startTemporal, startTestWorker, temporalClient } from './temporal-server.ts';

// The codecs are loaded by their path, as an operator's are, and they are TypeScript.
register();

const CODECS = fileURLToPath(new URL('./fixtures/codecs.ts', import.meta.url));

type View = { waiting: unknown; progress: { render: unknown } };

describe('progress of the render', () => {
  let temporal: Awaited<ReturnType<typeof startTemporal>>;
  let worker: Awaited<ReturnType<typeof startTestWorker>>;
  let client: Client;
  let gateway: TestGateway;

  before(async () => {
    temporal = await startTemporal();
    client = await temporalClient(temporal.address, CODECS);
    gateway = await startTestGateway(client, { STATUS_DEADLINE_SECONDS: '10' });
    worker = await startTestWorker(temporal.address, CODECS);
  });
  after(async () => {
    await gateway.stop();
    await client.connection.close();
    await worker.stop();
    await temporal.stop();
  });

  it('comes from its heartbeats, through the codecs, and ends with it', async () => {
    const { json } = await gateway.post({ video_theme: 'x' });
    const run = client.workflow.getHandle(workflowIdOf(json.data.id));
    await run.signal(render, [
      { doneFrames: 3, totalFrames: 450 },
      // Not understood: another version's words, and nonsense.
      'half of it',
      { doneFrames: 3, totalFrames: 0 },
      { doneFrames: 450, totalFrames: 450 },
    ]);

    const seen = await rendersSeen(json.data.id);
    assert.deepEqual(seen, [
      null,
      { done_frames: 3, total_frames: 450 },
      null,
      { done_frames: 450, total_frames: 450 },
      null,
    ]);
    await run.signal(finish, partialResult);
    await run.result();
  });

  it('is none while it stands in line behind another, which is said', async () => {
    const [first, second] = [await gateway.post({ video_theme: 'x' }), await gateway.post({ video_theme: 'y' })];
    const [ahead, behind] = [first, second].map(({ json }) => client.workflow.getHandle(workflowIdOf(json.data.id)));
    await ahead!.signal(render, Array(100).fill({ doneFrames: 3, totalFrames: 450 }));
    await told(first.json.data.id, ({ progress }) => progress.render !== null);
    await behind!.signal(render, [{ doneFrames: 1, totalFrames: 450 }]);

    const inLine = await told(second.json.data.id, ({ waiting }) => waiting !== null);
    assert.deepEqual([inLine.waiting, inLine.progress.render], [{ reason: 'in_line', until: null }, null]);
    // A run that has ended takes its render along.
    await ahead!.signal(finish, partialResult);
    const rendered = await told(second.json.data.id, ({ progress }) => progress.render !== null);
    assert.equal(rendered.waiting, null);
    await behind!.signal(finish, partialResult);
    await behind!.result();
  });

  /** The video, once this holds of it. */
  async function told(id: string, holds: (video: View) => boolean): Promise<View> {
    let video: View | undefined;
    const look = async () => {
      ({ data: video } = (await gateway.request('GET', `/api/v1/videos/${id}`)).json as { data: View });
      return holds(video);
    };
    await until('it holds', look, { otherwise: () => JSON.stringify(video) });
    return video as View;
  }

  /** What the answers say of the render, without repetitions, until it is over. */
  async function rendersSeen(id: string): Promise<unknown[]> {
    const seen: unknown[] = [];
    const look = async () => {
      const { status, json } = await gateway.request('GET', `/api/v1/videos/${id}`);
      assert.equal(status, 200);
      const now = json.data.progress.render as { done_frames: number } | null;
      const before = seen.at(-1) as typeof now | undefined;
      if (before === undefined || JSON.stringify(before) !== JSON.stringify(now)) seen.push(now);
      return before?.done_frames === 450 && now === null;
    };
    await until('it is over', look, { everyMs: 100, otherwise: () => JSON.stringify(seen) });
    return seen;
  }
});
