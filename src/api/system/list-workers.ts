import type { WireWorker } from '../../contract/fleet.ts';
import { isLiving, listWorkers as listBeats, type ListedWorker } from '../../temporal/listed-workers.ts';
import type { TemporalGate } from '../temporal-gate.ts';

/** As the workers of this product name themselves. */
const IDENTITY = /^mcp-bridge-worker (?<version>\S+) (?<pid>\d+)@(?<host>.+)$/;

export interface FleetDeps {
  gate: TemporalGate;
  clock: () => Date;
}

/** The worker processes that Temporal has heard of; null when the server keeps no heartbeats. */
export async function listWorkers({ gate, clock }: FleetDeps): Promise<WireWorker[] | null> {
  const beats = await gate.call(listBeats);
  if (beats === null) return null;
  const nowMs = clock().getTime();
  const identities = [...new Set(beats.map(({ identity }) => identity))];
  return identities.map((identity) =>
    workerOf(
      identity,
      beats.filter((beat) => beat.identity === identity),
      nowMs,
    ),
  );
}

/** One process, by what was heard of its queues. */
function workerOf(identity: string, queues: ListedWorker[], nowMs: number): WireWorker {
  const named = IDENTITY.exec(identity)?.groups;
  const lives = queues.some((queue) => isLiving(queue, nowMs));
  const newest = queues.reduce((a, b) => (b.beatAtMs > a.beatAtMs ? b : a));
  const began = queues.flatMap(({ startedAtMs }) => (startedAtMs === null ? [] : [startedAtMs]));
  return {
    worker: identity,
    version: named?.['version'] ?? null,
    host: named?.['host'] ?? null,
    process_id: named === undefined ? null : Number(named['pid']),
    status: lives ? 'online' : queues.some(({ isRunning }) => isRunning) ? 'offline' : 'stopped',
    started_at: began.length === 0 ? null : new Date(Math.min(...began)).toISOString(),
    last_beat: new Date(newest.beatAtMs).toISOString(),
    load: {
      used: sum(queues.map(({ used }) => used)),
      slots: sum(queues.map(({ slots }) => slots)),
      ...{ host_cpu: newest.hostCpu, host_memory: newest.hostMemory },
    },
    queues: queues.map(({ queue, used, slots, processed, failed }) => ({ queue, used, slots, processed, failed })),
  };
}

const sum = (numbers: number[]): number => numbers.reduce((all, each) => all + each, 0);
