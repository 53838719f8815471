import type { Config } from '../../config.ts';
import type { Check } from '../../contract/health.ts';
import { CAPCUT, ORCHESTRATION, RENDER, VISUAL_WAITING } from '../../domain/queues.ts';
import { unservedQueues } from '../../temporal/listed-workers.ts';
import type { TemporalGate } from '../temporal-gate.ts';

export interface WorkersDeps {
  gate: TemporalGate;
  config: Pick<Config, 'parallel'>;
  clock: () => Date;
}

/** Whether every queue a video needs has a living worker; the message names those that have none. */
export async function checkWorkers({ gate, config, clock }: WorkersDeps, withinMs: number): Promise<Check> {
  const queues = queuesOfAVideo(config);
  const unserved = await gate.call((client) => unservedQueues(client, queues, clock().getTime()), withinMs);
  return unserved.length === 0
    ? { ok: true, message: `Workers serve ${queues.join(', ')}` }
    : {
        ok: false,
        message: `No worker serves the ${unserved.length === 1 ? 'queue' : 'queues'} ${unserved.join(', ')}: start one`,
      };
}

export function queuesOfAVideo({ parallel }: Pick<Config, 'parallel'>): string[] {
  const branches = [parallel.audio_branch.queue_name, parallel.visual_branch.queue_name];
  return [...new Set([ORCHESTRATION, ...branches, VISUAL_WAITING, RENDER, CAPCUT])];
}
