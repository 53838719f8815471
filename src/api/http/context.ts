import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { z } from 'zod';

/** What an answer needs to know of its request. */
export interface RequestContext {
  requestId: string;
  startedAt: number;
  clock: () => Date;
  /** The pattern of the route that answers, such as `/api/v1/videos/:id`: for logs and metrics. */
  route: string | null;
  workflowId: string | null;
  runId: string | null;
}

const Uuid = z.uuid();

/** The run an answer is about, for the log. */
export function noteRun(res: Response, run: { workflowId: string; runId: string | null }): void {
  Object.assign(contextOf(res), run);
}

export const contextOf = (res: Response): RequestContext => res.locals['context'] as RequestContext;

/** Gives every request its id: the client's own when it is a UUID, else a new one. */
export function requestContext(clock: () => Date): RequestHandler {
  return (req, res, next) => {
    const offered = Uuid.safeParse(req.get('x-request-id'));
    const context: RequestContext = {
      requestId: offered.success ? offered.data : randomUUID(),
      startedAt: performance.now(),
      clock,
      route: null,
      workflowId: null,
      runId: null,
    };
    res.locals['context'] = context;
    res.set('X-Request-Id', context.requestId);
    res.set('Cache-Control', 'no-store');
    next();
  };
}

/** The status that went out; 499, as proxies count it, when the client left before any did. */
export const answeredStatus = (res: Response): number => (res.headersSent ? res.statusCode : 499);

const HOST = /^([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;

/** The base of URLs in this answer: the configured one, else the address the client reached us at. */
export function baseUrl(
  req: { get(name: string): string | undefined; socket: { localPort?: number | undefined } },
  publicUrl: string | null,
): string {
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, '');
  const host = req.get('host') ?? '';
  return `http://${HOST.test(host) ? host : `127.0.0.1:${req.socket.localPort ?? ''}`}`;
}
