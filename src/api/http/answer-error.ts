import type { ErrorRequestHandler } from 'express';
import { ERROR_RULES, errorBody } from '../../contract/error-body.ts';
import type { Logger } from '../../log.ts';
import { asApiError } from '../as-api-error.ts';
import { contextOf } from './context.ts';

/** The last middleware: the only one that turns an error into an answer. */
export function answerError(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const { requestId, clock, workflowId, runId } = contextOf(res);
    const fault = asApiError(error);
    const rule = ERROR_RULES[fault.code];
    if (rule.status >= 500)
      log.error({ requestId, workflowId, runId, code: fault.code, err: fault.cause ?? fault }, 'request failed');
    // Half an answer is out, or nobody is there to read one.
    if (res.headersSent || req.socket.destroyed) {
      res.destroy();
      return;
    }
    res.locals['errorCode'] = fault.code;
    if (rule.category === 'TEMPORARY') res.set('Retry-After', String(Math.ceil(rule.retryDelayMs / 1000)));
    res
      .status(rule.status)
      .set(fault.headers)
      .json(
        errorBody({ code: fault.code, message: fault.message, details: fault.details }, { requestId, now: clock() }),
      );
  };
}
