import type { Response } from 'express';
import { contextOf } from './context.ts';

/** Puts the data into the envelope and sends it. */
export function answer(
  res: Response,
  { status = 200, message, data }: { status?: number; message: string; data: unknown },
): void {
  const { requestId, startedAt, clock } = contextOf(res);
  res.status(status).json({
    success: true,
    data,
    message,
    timestamp: clock().toISOString(),
    request_id: requestId,
    performance: { duration_ms: Math.round((performance.now() - startedAt) * 10) / 10, cache_hit: false },
  });
}
