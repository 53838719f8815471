import type { RequestHandler } from 'express';
import { StatsQuery } from '../../contract/stats.ts';
import { LOCAL_TENANT } from '../../domain/ids.ts';
import { listQueues } from '../system/list-queues.ts';
import { listWorkers } from '../system/list-workers.ts';
import { readStats } from '../system/read-stats.ts';
import { viewConfig } from '../system/view-config.ts';
import { answer } from './answer.ts';
import type { Gateway } from './gateway.ts';
import { parseQuery } from './parse-query.ts';

/** GET /api/v1/queues */
export function getQueues(gateway: Gateway): RequestHandler {
  return async (_req, res) => {
    const queues = await listQueues(gateway);
    const waiting = queues.reduce((sum, { backlog }) => sum + backlog.tasks, 0);
    answer(res, { data: { queues }, message: waiting === 1 ? '1 task waits.' : `${waiting} tasks wait.` });
  };
}

/** GET /api/v1/workers */
export function getWorkers(gateway: Gateway): RequestHandler {
  return async (_req, res) => {
    const workers = await listWorkers(gateway);
    const online = workers?.filter(({ status }) => status === 'online').length;
    const message = online === undefined ? 'This Temporal server keeps no worker heartbeats.' : `${online} online.`;
    answer(res, { data: { workers }, message });
  };
}

/** GET /api/v1/stats */
export function getStats(gateway: Gateway): RequestHandler {
  return async (req, res) => {
    const { window } = parseQuery(req as never, StatsQuery);
    const stats = await readStats({ ...gateway, tenant: LOCAL_TENANT }, window);
    answer(res, { data: stats, message: 'Figures of the windows that end now.' });
  };
}

/** GET /api/v1/config */
export function getConfig({ config }: Gateway): RequestHandler {
  return (_req, res) => answer(res, { data: viewConfig(config), message: 'What this gateway was started with.' });
}
