import type { ParallelConfig } from '../../src/domain/config-files.ts';
import { branchWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import { progressQuery } from '../../src/workflows/messages.ts';
import type { StackUnderTest } from '../e2e/stack-under-test.ts';
import { until } from '../e2e/until.ts';
import { countingClip } from '../render/clip-fixtures.ts';
import type { Shape } from './shapes.ts';

/** Refused for what it shows: never tried again. */
const REFUSED_PICTURE = { code: 'OutputImageSensitiveContentDetected' };

/** Brings one video of a shape about. Resolves to its id as soon as it will end by itself. */
export const SCENARIOS: Record<Shape, (under: StackUnderTest) => Promise<string>> = {
  success: (under) => under.order(),

  partial: async (under) => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED_PICTURE }]);
    return under.order();
  },

  'without-narration': (under) => under.order({ enable_tts: false }),

  'own-clip': async (under) => {
    const bytes = await countingClip(under.stack.env['FFMPEG_PATH'] ?? '', { seconds: 2, fps: 24 });
    return under.order({ scenes: [{ scene: 1, clip: await under.upload(bytes, 'video/mp4') }] });
  },

  narrow: async (under) => {
    const base = await under.gatewayWith((config) => {
      config.audio_branch.max_concurrent_tasks = 1;
      config.visual_branch.max_concurrent_tasks = 1;
    });
    return under.order({}, { base });
  },

  cancelled: async (under) => {
    await under.sandbox.reset([
      { route: 'image', nth: 1, fault: { hang: true } },
      { route: 'speech', nth: 1, fault: { hang: true } },
    ]);
    const id = await under.order();
    await settled(under, id, { audio: 1, visual: 1 });
    await cancel(under, id);
    return id;
  },

  'cancelled-script': async (under) => {
    await under.sandbox.reset([{ route: 'chat', fault: { delayMs: 3000 } }]);
    const id = await under.order();
    await until('the script is asked for', async () => (await under.sandbox.arrived('chat')).length === 1);
    await cancel(under, id);
    return id;
  },

  'cancelled-composing': async (under) => {
    const id = await under.order({ duration: 10, resolution: '720p' });
    await until('ffmpeg works', () => under.ffmpegs().length > 0);
    await cancel(under, id);
    return id;
  },

  'sync-timeout': async (under) => {
    const base = await gatewayWithSync(under, (sync) => (sync.timeout_seconds_by_asset_type = { text_to_image: 4 }));
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { hang: true } }]);
    return under.order({}, { base });
  },

  deadline: (under) => under.order({ deadline: new Date(Date.now() + DEADLINE_MS).toISOString() }),

  failed: async (under) => {
    await under.sandbox.reset([{ route: 'image', fault: REFUSED_PICTURE }]);
    return under.order();
  },

  'fail-fast': async (under) => {
    const base = await gatewayWithSync(under, (sync) => (sync.failure_strategy = 'fail_fast'));
    await under.sandbox.reset([
      { route: 'image', fault: REFUSED_PICTURE },
      { route: 'speech', fault: { hang: true } },
    ]);
    return under.order({}, { base });
  },

  'script-failed': async (under) => {
    await under.sandbox.reset([{ route: 'chat', fault: { code: 'InvalidParameter', status: 400 } }]);
    return under.order();
  },

  'worker-killed': async (under) => {
    // Slow, so that the worker surely dies with pictures under way.
    await under.sandbox.reset([{ route: 'image', fault: { delayMs: 3000 } }]);
    const id = await under.order();
    await until('pictures are under way', async () => (await under.sandbox.arrived('image')).length === 2);
    process.kill(under.stack.pid('worker') as number, 'SIGKILL');
    return id;
  },

  'branch-terminated': async (under) => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { hang: true } }]);
    const id = await under.order();
    await settled(under, id, { audio: 2, visual: 1 });
    await under.client.workflow.getHandle(branchWorkflowId(id, 'visual', 1)).terminate();
    return id;
  },

  'video-terminated': async (under) => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { hang: true } }]);
    const id = await under.order();
    await settled(under, id, { audio: 2, visual: 1 });
    await under.client.workflow.getHandle(workflowIdOf(id)).terminate();
    return id;
  },
};

/** More than a film of five seconds needs, and less than leaves the policy's time to the branches. */
const DEADLINE_MS = 60_000;

type Sync = ParallelConfig['sync_points']['audio_visual_sync'];

const gatewayWithSync = (under: StackUnderTest, change: (sync: Sync) => void): Promise<string> =>
  under.gatewayWith(({ sync_points: { audio_visual_sync: sync } }) => change(sync));

/** Asks the run itself: only what the parent has heard of is in its history. */
async function settled(under: StackUnderTest, id: string, wanted: { audio: number; visual: number }): Promise<void> {
  const run = under.client.workflow.getHandle(workflowIdOf(id));
  await until(`scenes settled: ${JSON.stringify(wanted)}`, async () => {
    const { branches } = await run.query(progressQuery);
    return branches.audio?.settled === wanted.audio && branches.visual?.settled === wanted.visual;
  });
}

async function cancel(under: StackUnderTest, id: string): Promise<void> {
  const response = await under.request('DELETE', `/api/v1/videos/${id}`);
  if (response.status !== 202) throw new Error(`not cancelled: ${response.status} ${await response.text()}`);
}
