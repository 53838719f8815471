import type { ParallelConfig } from '../../src/domain/config-files.ts';
import { branchWorkflowId, workflowIdOf } from '../../src/domain/ids.ts';
import { progressQuery } from '../../src/workflows/messages.ts';
import { restoring } from '../e2e/restoring.ts';
import { startHost } from '../../src/providers/testing/local-host.ts';
import type { StackUnderTest } from '../e2e/stack-under-test.ts';
import { until } from '../until.ts';
import { countingClip } from '../render/clip-fixtures.ts';
import type { Shape } from './shapes.ts';

/** Refused for what it shows: never tried again. */
const REFUSED_PICTURE = { code: 'OutputImageSensitiveContentDetected' };

/** A film that was finished goes on from a checkpoint. */
const restoredFrom = (checkpoint: string) => async (under: StackUnderTest) => {
  const id = await under.order();
  await under.finished(id);
  await restoring(under).restored(id, checkpoint);
  return { id, attempt: 2 };
};

/** Which of a video's runs is meant; the last, and the branches of the first, unless it is said. */
export interface Told {
  id: string;
  runId?: string;
  attempt?: number;
}

/** Brings one video of a shape about. Resolves to its id as soon as it will end by itself. */
export const SCENARIOS: Record<Shape, (under: StackUnderTest) => Promise<string | Told>> = {
  success: (under) => under.order(),

  partial: async (under) => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED_PICTURE }]);
    return under.order();
  },

  webhook: async (under) => {
    let asked = 0;
    const receiver = await startHost((response) => void response.writeHead(++asked === 1 ? 503 : 204).end());
    return under.order({ webhook_url: `${receiver.url}/hook` });
  },

  'webhook-dead': async (under) => {
    const receiver = await startHost((response) => void response.writeHead(410).end());
    return under.order({ webhook_url: `${receiver.url}/hook` });
  },

  'without-narration': (under) => under.order({ enable_tts: false }),

  'own-clip': async (under) => {
    const bytes = await countingClip(under.stack.env['FFMPEG_PATH'] ?? '', { seconds: 2, fps: 24 });
    return under.order({ scenes: [{ scene: 1, clip: await under.upload(bytes, 'video/mp4') }] });
  },

  narrow: async (under) => {
    const base = await under.gatewayWith({
      parallel: (config) => {
        config.audio_branch.max_concurrent_tasks = 1;
        config.visual_branch.max_concurrent_tasks = 1;
      },
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
    await under.untilRendering(id);
    await cancel(under, id);
    return id;
  },

  'sync-timeout': async (under) => {
    const base = await gatewayWithSync(under, (sync) => (sync.timeout_seconds_by_asset_type = { text_to_image: 4 }));
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { hang: true } }]);
    return under.order({}, { base });
  },

  'in-line': async (under) => {
    const base = await gatewayWithSync(under, (sync) => (sync.timeout_seconds_by_asset_type = { text_to_image: 4 }));
    // Its script is asked for before the others have all sockets, and comes when they have all slots.
    await under.sandbox.reset([
      { route: 'chat', nth: 1, fault: { delayMs: 15_000 } },
      { route: 'image', fault: { delayMs: 120_000 } },
    ]);
    const id = await under.order({ enable_tts: false }, { base });
    await until('its script is asked for', async () => (await under.sandbox.arrived('chat')).length === 1);
    const wide = { duration: 30, enable_tts: false };
    const others = [await under.order(wide), await under.order(wide)];
    await until('it has asked whether it is in line', () => hasBegun(under, id, 'lookAtLine'));
    await under.sandbox.faults([]);
    await under.sandbox.release();
    for (const other of others) await cancel(under, other);
    return id;
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
    // Of two that are left one ends before the other: the last of a branch is in its result, and needs no signal.
    await under.sandbox.reset([
      { route: 'image', nth: 1, fault: { hang: true } },
      { route: 'image', nth: 2, fault: { delayMs: 3000 } },
    ]);
    const id = await under.order({ duration: 15 });
    await until('two pictures are left', async () => {
      const { visual } = (await under.client.workflow.getHandle(workflowIdOf(id)).query(progressQuery)).branches;
      return visual != null && visual.total > 2 && visual.settled === visual.total - 2;
    });
    await under.client.workflow.getHandle(workflowIdOf(id)).terminate();
    return id;
  },

  'max-cost': (under) => under.order({ duration: 10, max_cost: 0.3 }),

  'max-cost-failed': (under) => under.order({ max_cost: 0.15 }),

  'similar-picture': async (under) => {
    await under.finished(await under.order());
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED_PICTURE }]);
    return under.order();
  },

  'prompt-rewritten': async (under) => {
    const base = await under.gatewayWith({ storyboard: { rewrite_rejected_prompts: true } });
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: REFUSED_PICTURE }]);
    return under.order({}, { base });
  },

  'deadline-near': (under) => under.order({ deadline: new Date(Date.now() + 1_000).toISOString() }),

  clips: async (under) => {
    const base = await under.gatewayWith({
      parallel: ({ visual_branch: visual }) => (visual.clip_timeout_seconds = 15),
    });
    await under.sandbox.reset([
      { route: 'video', nth: 1, fault: { task: { ends: 'failed', queuedMs: 100, runningMs: 100 } } },
      { route: 'video', nth: 2, fault: { task: { stays: 'queued' } } },
    ]);
    return under.order({ ai_asset_type: '文生视频' }, { base });
  },

  streamed: async (under) => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { delayMs: 8_000 } }]);
    return under.order({ duration: 15 });
  },

  'glue-apart': async (under) => {
    const id = await under.order({ duration: 10, resolution: '720p' });
    await under.untilRendering(id);
    const database = under.stack.pid('database') as number;
    process.kill(database, 'SIGSTOP');
    await until('the account is wanted', () => hasBegun(under, id, 'closeLedger')).finally(() =>
      process.kill(database, 'SIGCONT'),
    );
    return id;
  },

  'cancelled-streaming': async (under) => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { hang: true } }]);
    const id = await under.order({ duration: 15, resolution: '720p' });
    await until('ffmpeg works', () => under.ffmpegs('work').length > 0);
    await cancel(under, id);
    return id;
  },

  'restored-under-way': async (under) => {
    await under.sandbox.reset([
      { route: 'image', nth: 1, fault: { delayMs: 4_000 } },
      { route: 'speech', nth: 1, fault: { delayMs: 4_000 } },
    ]);
    const id = await under.order();
    await settled(under, id, { audio: 1, visual: 1 });
    const { runId } = await under.client.workflow.getHandle(workflowIdOf(id)).describe();
    await restoring(under).restored(id, 'after_script');
    await under.finished(id);
    return { id, runId };
  },

  'restored-after-script': restoredFrom('after_script'),
  'restored-after-assets': restoredFrom('after_assets'),
  'restored-after-compose': restoredFrom('after_compose'),
};

/** More than a film of five seconds needs, and less than leaves the policy's time to the branches. */
const DEADLINE_MS = 60_000;

type Sync = ParallelConfig['sync_points']['audio_visual_sync'];

const gatewayWithSync = (under: StackUnderTest, change: (sync: Sync) => void): Promise<string> =>
  under.gatewayWith({ parallel: ({ sync_points: { audio_visual_sync: sync } }) => change(sync) });

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

async function hasBegun(under: StackUnderTest, id: string, activity: string): Promise<boolean> {
  const { events } = await under.client.workflow.getHandle(workflowIdOf(id)).fetchHistory();
  return (events ?? []).some((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity);
}
