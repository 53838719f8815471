import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ulid } from 'ulid';
import type { Database } from '../src/database/database.ts';
import { LOCAL_TENANT } from '../src/domain/ids.ts';
import { append } from '../src/read-model/append.ts';
import { LocalBell } from '../src/read-model/bell.ts';
import { StackUnderTest } from '../test/e2e/stack-under-test.ts';
import type { Bench, Figure } from './figure.ts';
import type { Order, Report } from './live/clients.ts';
import { percentile, statisticsOf } from './statistics.ts';

const CONNECTIONS = 10_000;
const PROCESSES = 2;
const EVENTS = 20;
const BETWEEN_EVENTS_MS = 1_000;
const WARM_UP = 500;
const STATUS_SAMPLES = 300;
const BETWEEN_STATUSES_MS = 50;
/** What opening connections has needed has been given back by then, as far as it will be. */
const SETTLE_MS = 15_000;
/** For the last event to get to the last client. */
const LAST_EVENT_MS = 3_000;
const CLIENTS = fileURLToPath(new URL('live/clients.ts', import.meta.url));
const KIB = 1024;

/** Slow enough that the film whose status is asked for is being made all the while. */
const SLOW = { SANDBOX_DELAY_SCALE: '5', LIVE_MAX_CONNECTIONS: String(CONNECTIONS + WARM_UP), LOG_LEVEL: 'info' };
const CLIPS = { ai_asset_type: '文生视频' };

/**
 * Event streams of one gateway, a process of its own in a whole stack, read by client processes from several loopback
 * addresses. Needs as many file descriptors.
 */
export const liveConnections: Figure = {
  name: 'live-connections',
  about: `${CONNECTIONS} event streams on one gateway, ${EVENTS} events to each; a video's status is asked for meanwhile.`,
  metrics: [
    {
      name: 'live_memory',
      about: 'Resident memory of the gateway, by connection.',
      ...{ unit: 'KiB', target: { atMost: 17 } },
    },
    {
      name: 'live_fan_out_p99',
      about: 'From the moment an event is written to that in which a client has it, p99.',
      ...{ unit: 'ms', target: { atMost: 1_000 } },
    },
    {
      name: 'live_missed',
      about: 'Events that a client did not get, or got out of order.',
      ...{ unit: 'events', target: { atMost: 0 } },
    },
    {
      name: 'status_under_streams',
      about: 'p99 of GET /api/v1/videos/{id} of a film that is being made.',
      ...{ unit: 'ms', target: { atMost: 2_000 } },
    },
  ],
  measure: async (bench) => {
    const under = await StackUnderTest.start(SLOW);
    const clients: ChildProcess[] = [];
    try {
      await measure(bench, under, clients);
    } finally {
      await Promise.all(clients.map(killed));
      await under.stop();
    }
  },
};

async function measure(bench: Bench, under: StackUnderTest, clients: ChildProcess[]): Promise<void> {
  const { database, stack } = under;
  const port = Number(new URL(stack.urls.gateway).port);
  const video = newVideo();
  const connect = async (order: Pick<Order, 'connections' | 'firstAddress'>): Promise<Crowd> => {
    const crowd = startCrowd({ port, videoId: video.id, ...order });
    clients.push(crowd.child);
    await crowd.isConnected;
    return crowd;
  };
  const asked = await under.order(CLIPS);
  await under.untilVideo(asked, 'is being made', ({ stage }) => stage === 'assets', { withinMs: 120_000 });

  const warm = await connect({ connections: WARM_UP, firstAddress: 200 });
  await happen(database, newVideo(), { count: 3, everyMs: 200 });
  await killed(warm.child);
  await sleep(SETTLE_MS, undefined, bench);
  const before = residentBytes(stack.pid('gateway'));

  const began = performance.now();
  const share = Math.ceil(CONNECTIONS / PROCESSES);
  const crowds = await Promise.all(
    Array.from({ length: PROCESSES }, (_, n) =>
      connect({ connections: Math.min(share, CONNECTIONS - n * share), firstAddress: 2 + n * 20 }),
    ),
  );
  bench.note(`${CONNECTIONS} streams are open after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  await sleep(SETTLE_MS, undefined, bench);
  bench.record('live_memory', [(residentBytes(stack.pid('gateway')) - before) / CONNECTIONS / KIB]);

  const [statuses] = await Promise.all([
    askForStatus(under, asked, bench.signal),
    happen(database, video, { count: EVENTS, everyMs: BETWEEN_EVENTS_MS }),
  ]);
  await sleep(LAST_EVENT_MS, undefined, bench);
  const reports = await Promise.all(crowds.map(({ report }) => report()));
  const latencies = reports.flatMap(({ latenciesMs }) => latenciesMs);
  const disorder = reports.reduce((sum, report) => sum + report.disorder, 0);
  const spread = quantilesOf(latencies);
  bench.tell('event to client', statisticsOf(spread));
  bench.tell('GET status', statisticsOf(statuses));
  bench.record('live_fan_out_p99', spread, percentile(latencies, 99));
  bench.record('live_missed', [CONNECTIONS * EVENTS - latencies.length + disorder]);
  bench.record('status_under_streams', statuses, percentile(statuses, 99));
}

interface Crowd {
  child: ChildProcess;
  isConnected: Promise<unknown>;
  report(): Promise<Report>;
}

function startCrowd(order: Order): Crowd {
  const child = fork(CLIENTS, { execArgv: ['--import', 'tsx'] });
  const heard = (): Promise<Report> =>
    Promise.race([
      once(child, 'message').then(([message]) => message as Report),
      once(child, 'exit').then(() => Promise.reject(new Error('A process of clients has ended.'))),
    ]);
  child.send(order);
  const report = async (): Promise<Report> => {
    const answer = heard();
    child.send('report');
    return answer;
  };
  return { child, isConnected: heard(), report };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function newVideo() {
  const createdAt = new Date().toISOString();
  return {
    ...{ id: `v${ulid()}`, tenant: LOCAL_TENANT, runId: 'r', assetType: 'text_to_image' as const },
    ...{ runStartedAt: createdAt, createdAt },
  };
}

/** Events of one video, each written as any worker writes them. */
async function happen(
  database: Database,
  video: ReturnType<typeof newVideo>,
  { count, everyMs }: { count: number; everyMs: number },
): Promise<void> {
  const model = { database, bell: new LocalBell() };
  for (let n = 0; n < count; n++) {
    const at = new Date().toISOString();
    const event = { type: 'scene_settled', branch: 'visual', sceneId: `s${n}`, state: 'complete', why: null } as const;
    await append(model, { video, events: [{ key: `${n}`, at, event }], row: () => ({ status: 'running' }) });
    await sleep(everyMs);
  }
}

async function askForStatus(under: StackUnderTest, id: string, signal: AbortSignal): Promise<number[]> {
  const took: number[] = [];
  while (took.length < STATUS_SAMPLES) {
    const began = performance.now();
    const { status } = await under.video(id);
    took.push(performance.now() - began);
    if (status !== 'running') throw new Error(`The film whose status is asked for is ${status} already.`);
    await sleep(BETWEEN_STATUSES_MS, undefined, { signal });
  }
  return took;
}

function residentBytes(pid: number | null): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * KIB;
}

/** A thousand that stand for hundreds of thousands. */
const quantilesOf = (values: readonly number[]): number[] => {
  const sorted = [...values].sort((a, b) => a - b);
  return Array.from({ length: 1_001 }, (_, n) => sorted[Math.round(((sorted.length - 1) * n) / 1_000)] ?? Number.NaN);
};
