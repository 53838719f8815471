import type { Request, RequestHandler } from 'express';
import { VideoEventsQuery, VideosEventsQuery } from '../../contract/live.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { fieldError } from '../api-error.ts';
import { EventStream } from '../live/event-stream.ts';
import { ALL_VIDEOS } from '../live/frame.ts';
import { noteRun } from './context.ts';
import type { Gateway } from './gateway.ts';
import { parseQuery } from './parse-query.ts';
import { assetUrls } from './urls.ts';

/** GET /api/v1/events: how all videos stand, then what happens to them; or what came after an event. */
export function getEvents({ live }: Gateway): RequestHandler {
  return async (req, res) => {
    const { after } = parseQuery(req as never, VideosEventsQuery);
    const asked = lastEventId(req, after);
    live.connections.checkRoom();
    const beginning = await live.snapshots.ofAll(asked);
    EventStream.open(live, res, { topic: ALL_VIDEOS, ...beginning });
  };
}

/**
 * GET /api/v1/videos/:id/events: what has happened so far, or a snapshot of it, then what happens, until the video has
 * ended. Ids have no gaps; `Last-Event-ID` goes on after an earlier stream, of this gateway or another.
 */
export function getVideoEvents(gateway: Gateway): RequestHandler<{ id: string }> {
  const { live } = gateway;
  return async (req, res) => {
    const { id } = req.params;
    noteRun(res, { workflowId: workflowIdOf(id), runId: null });
    const query = parseQuery(req as never, VideoEventsQuery);
    const asked = lastEventId(req as never, query.after) ?? 0;
    live.connections.checkRoom();
    if (query.snapshot === 'true' && asked === 0) {
      const beginning = await live.snapshots.ofOne(id, assetUrls(req as never, gateway));
      EventStream.open(live, res, { topic: id, ...beginning });
      return;
    }
    const { after, isAll } = await live.snapshots.placeOf(id, asked);
    // Nothing comes after the end, unless it is restored; any other answer would make a browser ask again and again.
    if (isAll) res.status(204).end();
    else EventStream.open(live, res, { topic: id, after, snapshot: null });
  };
}

/** The header that browsers send again, or `?after=` for whoever cannot set one; null without either. */
function lastEventId(req: Request, after: string | undefined): number | null {
  const value = after ?? req.get('last-event-id') ?? '';
  if (value === '') return null;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw fieldError('INVALID_REQUEST', 'Last-Event-ID', 'must be the id of an event: a whole number');
}
