import type { RequestHandler } from 'express';
import { ApiError } from '../api-error.ts';

/** GET /api/v1/live without an upgrade; with one it does not come here. */
export function getLive(): RequestHandler {
  return () => {
    throw new ApiError('UPGRADE_REQUIRED', 'A WebSocket can be opened here, and nothing else: docs/live.md.', {
      headers: { Upgrade: 'websocket' },
    });
  };
}
