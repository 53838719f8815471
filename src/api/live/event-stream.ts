import type { Socket } from 'node:net';
import type { Response } from 'express';
import type { Connections, LiveConnection } from './connections.ts';
import { sseText, type Frame } from './frame.ts';
import type { Notifier, Sink, Subscription } from './notifier.ts';

const STILL_HERE = Buffer.from(': still here\n\n');
/** Clients that were cut off together come back apart. */
const COME_BACK_MS = { least: 1_000, spread: 4_000 };
/** What a reader that does not read gets of a farewell. */
const FAREWELL_MS = 2_000;
const STREAM = Symbol('the event stream of a socket');

type Streaming = Socket & { [STREAM]?: EventStream };

export interface StreamDeps {
  notifier: Notifier;
  connections: Connections;
  /** How long what was sent may stay unread. */
  stallMs: number;
}

/**
 * One client's server-sent events. There may be ten thousand: it has no timer and no function of its own, and keeps
 * nothing of its request.
 */
export class EventStream implements Sink, LiveConnection {
  readonly #deps: StreamDeps;
  readonly #socket: Socket;
  readonly #share: number;
  #subscription: Subscription | null = null;
  /** Since when it has taken nothing; 0 while it reads. */
  #fullSinceMs = 0;

  private constructor(deps: StreamDeps, socket: Socket) {
    this.#deps = deps;
    this.#socket = socket;
    this.#share = deps.connections.add(this, 'sse');
  }

  /**
   * Begins to answer, with a snapshot if there is one, and goes on until the client leaves or nothing can follow.
   * @throws ApiError TOO_MANY_STREAMS, before anything is sent
   */
  static open(
    deps: StreamDeps,
    res: Response,
    { topic, after, snapshot }: { topic: string; after: number; snapshot: unknown },
  ): void {
    deps.connections.checkRoom();
    res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    const { socket } = res;
    if (res.req.method === 'HEAD' || socket === null || socket.destroyed) {
      res.end();
      return;
    }
    // The stream ends with its connection: without chunks each event is one write.
    res.removeHeader('Transfer-Encoding');
    res.set('Connection', 'close');
    res.flushHeaders();
    // From here on there is only the socket: what counts and logs requests is done with this one.
    res.detachSocket(socket);
    res.emit('close');
    const stream = new EventStream(deps, socket);
    (socket as Streaming)[STREAM] = stream;
    socket.on('close', onClose).on('drain', onDrain);
    const comeBackMs = Math.round(COME_BACK_MS.least + Math.random() * COME_BACK_MS.spread);
    const first = snapshot === null ? '' : sseText({ id: after, event: 'snapshot', data: snapshot });
    socket.write(`retry: ${comeBackMs}\n\n${first}`);
    stream.#subscription = deps.notifier.subscribe(topic, stream, after);
  }

  get isFull(): boolean {
    return this.#socket.writableNeedDrain || this.#socket.destroyed;
  }

  write(frame: Frame, topic: string): void {
    this.#socket.write(frame.sse(topic));
  }

  onEnd(): void {
    this.close();
  }

  /** It comes back by itself, with an id that is not there any more, and gets what is. */
  onRewind(): void {
    this.close();
  }

  beat(nowMs: number): void {
    if (!this.isFull) {
      this.#fullSinceMs = 0;
      this.#socket.write(STILL_HERE);
      return;
    }
    if (this.#fullSinceMs === 0) this.#fullSinceMs = nowMs;
    else if (nowMs - this.#fullSinceMs >= this.#deps.stallMs) {
      this.#deps.connections.figures.dropped('sse', 'slow');
      this.#socket.destroy();
    }
  }

  close(): void {
    this.#leave();
    const socket = this.#socket;
    if (socket.writableLength > 0) setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
    socket.destroySoon();
  }

  drained(): void {
    this.#fullSinceMs = 0;
    if (this.#subscription !== null && !this.#subscription.isOver) this.#deps.notifier.resume(this.#subscription);
  }

  closed(): void {
    this.#leave();
  }

  #leave(): void {
    if (this.#subscription !== null) this.#deps.notifier.unsubscribe(this.#subscription);
    this.#deps.connections.remove(this, { share: this.#share, transport: 'sse' });
  }
}

function onClose(this: Streaming): void {
  this[STREAM]?.closed();
}

function onDrain(this: Streaming): void {
  this[STREAM]?.drained();
}
