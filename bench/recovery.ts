import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { branchWorkflowId } from '../src/domain/ids.ts';
import { StackUnderTest, type Extra } from '../test/e2e/stack-under-test.ts';
import { until } from '../test/until.ts';
import type { Bench, Figure } from './figure.ts';
import { percentile, statisticsOf } from './statistics.ts';

const KILLS = 20;
/** Of every activity that the product watches by its heartbeat (profiles.ts). */
const HEARTBEAT_TIMEOUT_MS = 5_000;
const OTHER_QUEUES = 'orchestration,audio_processing,visual_processing,capcut,render';
/** An attempt is left alone for so long before its worker is killed: it has sent heartbeats by then. */
const UNDISTURBED_MS = 1_500;

/** How soon somebody else goes on with what a killed worker was doing. */
export const recovery: Figure = {
  name: 'recovery',
  about: `${KILLS} times kill -9 of the worker that waits for a clip, with another one there.`,
  metrics: [
    {
      name: 'recovery',
      about: 'p95 of the seconds from the kill to the activity running elsewhere ÷ heartbeat timeout.',
      ...{ unit: 'ratio', target: { atMost: 1.5 } },
    },
  ],
  measure: async (bench) => {
    // Clips that are never done: waiting for them is an activity that any worker can go on with.
    const under = await StackUnderTest.start({ WORKER_QUEUES: OTHER_QUEUES });
    try {
      await under.sandbox.reset([{ route: 'video', fault: { task: { stays: 'running' } } }]);
      await measureKills(bench, under);
    } finally {
      await under.stop();
    }
  },
};

async function measureKills(bench: Bench, under: StackUnderTest): Promise<void> {
  const start = () => under.program('src/workers/main.js', { WORKER_QUEUES: 'visual_waiting', LOG_LEVEL: 'error' });
  let workers: Extra[] = await Promise.all([start(), start()]);
  const seconds: number[] = [];
  let waiting = await newClip(under);
  for (let kill = 1; kill <= KILLS; kill++) {
    bench.signal.throwIfAborted();
    const before = await untilRunning(under.client, waiting);
    await sleep(Math.max(0, before.startedAt + UNDISTURBED_MS - Date.now()));
    const victim = workers.find(({ pid }) => before.worker.includes(` ${pid}@`));
    if (victim === undefined) throw new Error(`Nobody knows the worker ${before.worker}.`);
    const killedAt = Date.now();
    process.kill(victim.pid, 'SIGKILL');
    // A clip of its own for each kill: who is tried again often is tried again later each time.
    const [after, revived, next] = await Promise.all([
      untilRunning(under.client, waiting, before.attempt),
      start(),
      newClip(under),
    ]);
    seconds.push((after.startedAt - killedAt) / 1000);
    bench.note(`kill ${kill}: ${seconds.at(-1)?.toFixed(2)} s`);
    workers = [...workers.filter((worker) => worker !== victim), revived];
    waiting = next;
  }
  bench.tell('kill to running', statisticsOf(seconds.map((each) => each * 1000)));
  const ratios = seconds.map((each) => (each * 1000) / HEARTBEAT_TIMEOUT_MS);
  bench.record('recovery', ratios, percentile(ratios, 95));
}

/** One activity of a branch. */
interface Waiting {
  workflowId: string;
  activityId: string;
}

/** Orders a film of clips; resolves to what waits for its first. */
async function newClip(under: StackUnderTest): Promise<Waiting> {
  const id = await under.order({ ai_asset_type: 'text_to_video' });
  const workflowId = branchWorkflowId(id, 'visual', 1);
  const { activityId } = await untilRunning(under.client, { workflowId });
  return { workflowId, activityId };
}

interface Attempt {
  activityId: string;
  attempt: number;
  startedAt: number;
  worker: string;
}

/** Waits until a later attempt than this one is at work. All times are of this machine's clock. */
async function untilRunning(
  client: Client,
  waiting: Partial<Waiting> & { workflowId: string },
  after = 0,
): Promise<Attempt> {
  let found: Attempt | undefined;
  await until('the activity is at work', async () => {
    found = await running(client, waiting);
    return found !== undefined && found.attempt > after;
  });
  return found!;
}

const STARTED = 2;

async function running(
  client: Client,
  { workflowId, activityId }: Partial<Waiting> & { workflowId: string },
): Promise<Attempt | undefined> {
  const described = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => null);
  const pending = (described?.raw.pendingActivities ?? []).find((each) =>
    activityId === undefined ? each.activityType?.name === 'awaitClip' : each.activityId === activityId,
  );
  if (pending?.activityId == null || pending.state !== STARTED || pending.lastStartedTime == null) return undefined;
  const { seconds, nanos } = pending.lastStartedTime;
  return {
    activityId: pending.activityId,
    attempt: pending.attempt ?? 0,
    startedAt: Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6,
    worker: pending.lastWorkerIdentity ?? '',
  };
}
