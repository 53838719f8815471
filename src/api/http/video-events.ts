import type { Request, RequestHandler, Response } from 'express';
import { eventToWire } from '../../contract/video-event.ts';
import { LOCAL_TENANT, workflowIdOf } from '../../domain/ids.ts';
import { eventsOf, type StoredEvent } from '../../read-model/read.ts';
import { ApiError, fieldError } from '../api-error.ts';
import { findRun } from '../videos/find-run.ts';
import { noteRun } from './context.ts';
import type { Gateway } from './gateway.ts';

const PAGE = 200;
/** Proxies close what is silent for a minute or less. */
const BEAT_MS = 15_000;

/**
 * GET /api/v1/videos/:id/events: what has happened so far, then what happens, until the video has ended. Ids have no
 * gaps; `Last-Event-ID` goes on after an earlier stream, of this gateway or another.
 */
export function getVideoEvents(gateway: Gateway): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const { id } = req.params;
    noteRun(res, { workflowId: workflowIdOf(id), runId: null });
    const asked = lastEventId(req);
    // 404 for what is not there: a video may be so new that only Temporal knows it.
    if ((await gateway.videos.find(LOCAL_TENANT, id)) == null) await findRun(gateway.gate, id);
    const [last, next] = (await gateway.videos.eventsOf(id, { after: Math.max(0, asked - 1), limit: 2 })) ?? [null];
    if (last === null)
      throw new ApiError('DATABASE_UNAVAILABLE', 'Events cannot be read while the database is away. Try again.');
    // Nothing comes after the end, unless it is restored; any other answer would make a browser ask again and again.
    if (asked > 0 && last?.event.type === 'ended' && next === undefined) {
      res.status(204).end();
      return;
    }
    // An id that was never given, or no longer is: a database restored from a backup counts from there.
    const after = last === undefined ? 0 : asked;
    res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    res.flushHeaders();
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    await new EventStream(gateway, res, { videoId: id, after }).run();
  };
}

/** The header that browsers send again, or `?after=` for whoever cannot set one. */
function lastEventId(req: Request): number {
  const [field, value] =
    req.query['after'] === undefined ? ['Last-Event-ID', req.get('last-event-id')] : ['after', req.query['after']];
  if (value === undefined || value === '') return 0;
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value);
  throw fieldError('INVALID_REQUEST', field, 'must be the id of an event: a whole number');
}

class EventStream {
  readonly #gateway: Gateway;
  readonly #res: Response;
  readonly #videoId: string;
  #sent: number;
  #isSending = false;
  /** There may be more in the log than was sent. */
  #isMore = false;
  #end: () => void = () => {};

  constructor(gateway: Gateway, res: Response, { videoId, after }: { videoId: string; after: number }) {
    this.#gateway = gateway;
    this.#res = res;
    this.#videoId = videoId;
    this.#sent = after;
  }

  async run(): Promise<void> {
    const { tail, shutdown } = this.#gateway;
    const over = new Promise<void>((resolve) => (this.#end = resolve));
    this.#res.once('close', this.#end);
    shutdown.addEventListener('abort', this.#end, { once: true });
    const stop = tail.listen(this.#videoId, (event) => {
      // One after the last is sent as it is; after a gap, and to whoever is behind with reading, what is in the log.
      if (event?.id === this.#sent + 1 && !this.#res.writableNeedDrain) this.#send(event, { isNewest: true });
      else if (event === null || event.id > this.#sent) void this.#sendStored();
    });
    const beat = setInterval(() => {
      if (!this.#res.writableNeedDrain) this.#res.write(': still here\n\n');
      void this.#sendStored();
    }, BEAT_MS);
    await this.#sendStored();
    await over;
    shutdown.removeEventListener('abort', this.#end);
    stop();
    clearInterval(beat);
    this.#res.end();
  }

  /** Everything that is stored and was not sent. What the database cannot tell now, the next look finds. */
  async #sendStored(): Promise<void> {
    this.#isMore = true;
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#isMore && !this.#res.destroyed) {
      this.#isMore = false;
      const asked = { after: this.#sent, limit: PAGE };
      const found = await eventsOf(this.#gateway.model.database, this.#videoId, asked).catch(() => []);
      for (const event of found) if (event.id > this.#sent) this.#send(event, { isNewest: event === found.at(-1) });
      if (found.length === PAGE) this.#isMore = true;
      await this.#taken();
    }
    this.#isSending = false;
  }

  /** Until the reader has taken what was sent: whoever reads slowly, or not at all, costs a page, not the log. */
  async #taken(): Promise<void> {
    if (!this.#res.writableNeedDrain || this.#res.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#res.off('drain', done).off('close', done);
        resolve();
      };
      this.#res.on('drain', done).on('close', done);
    });
  }

  /** An end after which it was restored is not the end of the stream. */
  #send(stored: StoredEvent, { isNewest }: { isNewest: boolean }): void {
    const event = eventToWire(stored);
    this.#res.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    this.#sent = event.id;
    if (event.type === 'ended' && isNewest) this.#end();
  }
}
