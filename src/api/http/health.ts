import type { RequestHandler } from 'express';
import type { Check, Health, Readiness } from '../../contract/health.ts';
import { ApiError } from '../api-error.ts';
import { answer } from './answer.ts';
import { checkWorkers } from './check-workers.ts';
import type { Gateway } from './gateway.ts';

/** A probe is answered within 300 ms, whatever Temporal does. */
const PROBE_MS = 250;

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
    const [temporal, workers] = await Promise.all([
      checkTemporal(gateway),
      probe(() => checkWorkers(gateway, PROBE_MS)),
    ]);
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

/** A check that cannot be made has failed. */
async function probe(check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof ApiError) return { ok: false, message: 'Temporal does not answer' };
    throw error;
  }
}
