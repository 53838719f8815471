import type { Request, RequestHandler, Response } from 'express';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../../log.ts';
import { answeredStatus, contextOf } from './context.ts';

/** Asked for every few seconds by machines. */
const QUIET_ROUTES = ['/health', '/api/v1/health', '/ready', '/metrics'];
/** Whatever somebody puts into an address, this much of it is enough to recognise it. */
const MAX_LOGGED_PATH = 200;

/** One line a request, when its answer is out. No header, no query and no body goes into it. */
export function logRequests(logger: Logger): RequestHandler {
  return pinoHttp<Request, Response>({
    logger,
    genReqId: (_req, res) => contextOf(res).requestId,
    quietReqLogger: true,
    quietResLogger: true,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'durationMs' },
    customProps: (req, res) => {
      const { route, workflowId, runId } = contextOf(res);
      return {
        method: req.method,
        route,
        path: req.path.slice(0, MAX_LOGGED_PATH),
        status: answeredStatus(res),
        workflowId,
        runId,
      };
    },
    customLogLevel: (_req, res) => levelOf(res),
    customSuccessMessage: () => 'request completed',
    customErrorMessage: () => 'request completed',
    customSuccessObject: (_req, _res, line: Record<string, unknown>) => withoutNoise(line),
    customErrorObject: (_req, _res, _error, line: Record<string, unknown>) => withoutNoise(line),
  });
}

/** No headers; and the error middleware has logged the cause. */
const withoutNoise = ({ res: _res, err: _err, ...line }: Record<string, unknown>): Record<string, unknown> => line;

function levelOf(res: Response): 'debug' | 'info' | 'error' {
  if (res.statusCode >= 500) return 'error';
  return QUIET_ROUTES.includes(contextOf(res).route ?? '') ? 'debug' : 'info';
}
