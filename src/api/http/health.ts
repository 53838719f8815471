import type { RequestHandler } from 'express';
import type { Check, Health, Readiness } from '../../contract/health.ts';
import { ORCHESTRATION } from '../../domain/queues.ts';
import { ApiError } from '../api-error.ts';
import { answer } from './answer.ts';
import type { Gateway } from './gateway.ts';

/** A probe is answered within 300 ms, whatever Temporal does. */
const PROBE_MS = 250;
/** Workers ask for tasks by long polls of up to a minute; one not seen for longer is gone. */
const POLLER_SEEN_MS = 75_000;
const WORKFLOW_TASKS = 1; // temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW

/** GET /health: always 200 while the process answers; `degraded` says what it misses. */
export function getHealth(gateway: Gateway): RequestHandler {
  return async (_req, res) => {
    const temporal = await checkTemporal(gateway);
    const data: Health = {
      status: temporal.ok ? 'healthy' : 'degraded',
      checks: { gateway: { ok: true, message: 'The gateway answers' }, temporal },
      uptime_seconds: Math.round((Date.now() - gateway.startedAt) / 1000),
    };
    answer(res, { data, message: `The gateway is ${data.status}.` });
  };
}

/** GET /ready: whether a video sent now would be worked on. */
export function getReady(gateway: Gateway): RequestHandler {
  return async (_req, res) => {
    const [temporal, workers] = await Promise.all([checkTemporal(gateway), checkWorkers(gateway)]);
    const faults = Object.entries({ temporal, workers })
      .filter(([, check]) => !check.ok)
      .map(([field, check]) => ({ field, message: check.message }));
    if (faults.length > 0) {
      const message = `Not ready: ${[...new Set(faults.map((fault) => fault.message))].join('; ')}.`;
      throw new ApiError('NOT_READY', message, { details: faults });
    }
    const data: Readiness = { status: 'ready', checks: { temporal, workers } };
    answer(res, { data, message: 'The gateway is ready.' });
  };
}

async function checkTemporal({ gate }: Gateway): Promise<Check> {
  return probe(async () => {
    await gate.call((client) => client.workflowService.getSystemInfo({}), PROBE_MS);
    return { ok: true, message: 'Temporal answers' };
  });
}

async function checkWorkers({ gate, clock }: Gateway): Promise<Check> {
  return probe(async () => {
    const queue = await gate.call(
      (client) =>
        client.workflowService.describeTaskQueue({
          namespace: client.options.namespace,
          taskQueue: { name: ORCHESTRATION },
          taskQueueType: WORKFLOW_TASKS,
        }),
      PROBE_MS,
    );
    const seen = (queue.pollers ?? []).map((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000);
    const alive = seen.filter((at) => clock().getTime() - at < POLLER_SEEN_MS).length;
    return alive > 0
      ? { ok: true, message: `${alive} worker(s) on the queue ${ORCHESTRATION}` }
      : { ok: false, message: `No worker serves the queue ${ORCHESTRATION}: start one` };
  });
}

/** A check that cannot be made has failed. */
async function probe(check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof ApiError) return { ok: false, message: 'Temporal does not answer' };
    throw error;
  }
}
