import type { RequestHandler } from 'express';
import type { BreakerReport } from '../../domain/breaker-state.ts';
import type { Check, Health, OpenBreaker, Readiness } from '../../contract/health.ts';
import { ApiError } from '../api-error.ts';
import { answer } from './answer.ts';
import { checkWorkers } from './check-workers.ts';
import type { Gateway } from './gateway.ts';
import { knownWorkers } from './known-workers.ts';

/** A probe is answered within 300 ms, whatever Temporal does. */
const PROBE_MS = 250;

/** GET /health: always 200 while the process answers; `degraded` says what it misses. */
export function getHealth(gateway: Gateway): RequestHandler {
  return async (_req, res) => {
    const [temporal, database, breakers, workers] = await Promise.all([
      checkTemporal(gateway),
      checkDatabase(gateway),
      gateway.videos.breakers(PROBE_MS),
      knownWorkers(gateway, PROBE_MS),
    ]);
    const providers = checkProviders(breakers);
    const data: Health = {
      status: [temporal, database, providers].every(({ ok }) => ok) ? 'healthy' : 'degraded',
      checks: { gateway: { ok: true, message: 'The gateway answers' }, temporal, database, providers },
      circuit_breakers: (breakers ?? []).map(breakerToWire),
      workers,
      uptime_seconds: Math.round((Date.now() - gateway.startedAt) / 1000),
    };
    answer(res, { data, message: `The gateway is ${data.status}.` });
  };
}

/** GET /ready: whether a video sent now would be worked on. */
export function getReady(gateway: Gateway): RequestHandler {
  return async (_req, res) => {
    const [temporal, database, workers] = await Promise.all([
      checkTemporal(gateway),
      checkDatabase(gateway),
      probe(() => checkWorkers(gateway, PROBE_MS)),
    ]);
    const faults = Object.entries({ temporal, database, workers })
      .filter(([, check]) => !check.ok)
      .map(([field, check]) => ({ field, message: check.message }));
    if (faults.length > 0) {
      const message = `Not ready: ${[...new Set(faults.map((fault) => fault.message))].join('; ')}.`;
      throw new ApiError('NOT_READY', message, { details: faults });
    }
    const data: Readiness = { status: 'ready', checks: { temporal, database, workers } };
    answer(res, { data, message: 'The gateway is ready.' });
  };
}

async function checkTemporal({ gate }: Gateway): Promise<Check> {
  return probe(async () => {
    await gate.call((client) => client.workflowService.getSystemInfo({}), PROBE_MS);
    return { ok: true, message: 'Temporal answers' };
  });
}

/** Without it a run goes on as far as it can: nothing is bought that cannot be written down first. */
async function checkDatabase({ videos }: Gateway): Promise<Check> {
  const ok = await videos.isThere(PROBE_MS);
  return { ok, message: ok ? 'The database answers' : 'The database does not answer' };
}

/** By the workers' circuit breakers; one that is half open is being tried. */
function checkProviders(breakers: BreakerReport[] | undefined): Check {
  if (breakers === undefined) return { ok: true, message: 'Not known: the database does not answer' };
  const open = breakers.filter(({ state }) => state === 'open').map(({ name }) => name);
  if (open.length === 0) return { ok: true, message: 'No circuit breaker is open' };
  return { ok: false, message: `Left alone for now, since their calls failed: ${open.join(', ')}` };
}

const breakerToWire = ({ name, state, until }: BreakerReport): OpenBreaker => ({
  service: name,
  state: state === 'open' ? 'open' : 'half_open',
  until: until === null ? null : new Date(until).toISOString(),
});

/** A check that cannot be made has failed. */
async function probe(check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof ApiError) return { ok: false, message: 'Temporal does not answer' };
    throw error;
  }
}
