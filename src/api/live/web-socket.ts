import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import {
  type CommandParams,
  type CommandResult,
  type Topic,
  WsRequest,
  type WsMessage,
} from '../../contract/commands.ts';
import { errorBody } from '../../contract/error-body.ts';
import { fieldFaults } from '../../contract/field-faults.ts';
import { ApiError } from '../api-error.ts';
import { asApiError } from '../as-api-error.ts';
import { assetUrls } from '../http/urls.ts';
import type { Gateway } from '../http/gateway.ts';
import { BEAT_MS, type LiveConnection } from './connections.ts';
import { ALL_VIDEOS, type Frame } from './frame.ts';
import { runCommand } from './handlers.ts';
import type { Sink, Subscription } from './notifier.ts';

/** A command is short; the longest has the text of a query. */
export const MAX_MESSAGE_BYTES = 64 * 1024;
/** Answers to a reader that does not read: beyond this it is let go. Events wait in the log instead. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** A person at a page sends a few; a program that polls should subscribe. */
const MESSAGES_PER_SECOND = 20;
const MESSAGE_BURST = 40;
/** Who goes on after so many refusals does not listen. */
const MAX_REFUSED = 200;
/** What one connection may have asked and not been answered yet. */
const MAX_UNDER_WAY = 8;
const MAX_TOPICS = 100;
const COMMAND_MS = 10_000;

const CLOSE = { goingAway: 1001, policy: 1008, tryAgainLater: 1013 };

/** One client: commands come in, answers and what it has subscribed to go out. */
export class LiveSocket implements Sink, LiveConnection {
  readonly #gateway: Gateway;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #urlOf: (sha256: string) => string;
  readonly #share: number;
  readonly #topics = new Map<string, Subscription>();
  #wantsStats = false;
  #tokens = MESSAGE_BURST;
  #refilledAt = performance.now();
  #refused = 0;
  #underWay = 0;
  #isAnswered = true;
  #fullSinceMs = 0;

  constructor(gateway: Gateway, ws: WebSocket, req: IncomingMessage) {
    this.#gateway = gateway;
    this.#ws = ws;
    this.#socket = req.socket;
    const get = (name: string): string | undefined => {
      const value = req.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    this.#urlOf = assetUrls({ get, socket: req.socket }, gateway);
    this.#share = gateway.live.connections.add(this, 'websocket');
    ws.on('message', (data, isBinary) => void this.#hear(data, isBinary));
    ws.on('pong', () => (this.#isAnswered = true));
    ws.on('close', () => this.#leave());
    ws.on('error', () => ws.terminate());
    req.socket.on('drain', () => this.#drained());
    this.#say({
      type: 'hello',
      heartbeat_seconds: BEAT_MS / 1000,
      max_message_bytes: MAX_MESSAGE_BYTES,
      messages_per_second: MESSAGES_PER_SECOND,
    });
  }

  get isFull(): boolean {
    return this.#socket.writableNeedDrain || this.#ws.readyState !== WebSocket.OPEN;
  }

  write(frame: Frame, topic: string): void {
    this.#ws.send(frame.ws(topic), { binary: false });
  }

  /** Other topics go on, and so may this video, when it is restored. */
  onEnd(): void {}

  onRewind(): void {
    this.#ws.close(CLOSE.tryAgainLater, 'the database was restored: begin anew');
    this.#leave();
  }

  /** A ping; who has not answered the one before is gone, who leaves what it was sent is let go. */
  beat(nowMs: number): void {
    const { figures } = this.#gateway.live.connections;
    if (this.isFull) {
      this.#fullSinceMs ||= nowMs;
      if (nowMs - this.#fullSinceMs < this.#gateway.live.stallMs) return;
      figures.dropped('websocket', 'slow');
      this.#ws.terminate();
    } else if (!this.#isAnswered) {
      figures.dropped('websocket', 'silent');
      this.#ws.terminate();
    } else {
      this.#fullSinceMs = 0;
      this.#isAnswered = false;
      this.#ws.ping();
    }
  }

  close(): void {
    this.#leave();
    this.#ws.close(CLOSE.goingAway, 'the gateway stops: connect again');
  }

  sendStats(update: Buffer): void {
    if (!this.isFull) this.#ws.send(update, { binary: false });
  }

  async #hear(data: RawData, isBinary: boolean): Promise<void> {
    let id: string | number | null = null;
    try {
      // Read first, so that a refusal has its id; what cannot be read counts all the same.
      const read = attempt(() => parsed(data, isBinary, (found) => (id = found)));
      this.#takeToken();
      const request = read();
      if (this.#underWay >= MAX_UNDER_WAY)
        throw new ApiError('TOO_MANY_MESSAGES', `${MAX_UNDER_WAY} commands are under way: wait for an answer.`);
      this.#underWay++;
      // An answer that is late still ends the command, later.
      const result = this.#run(request.command, request.params).finally(() => this.#underWay--);
      await this.#answer(request.id, result);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  async #answer(id: string | number, running: Promise<unknown>): Promise<void> {
    const [result, then] = (await inTime(running)) as [unknown, (() => void) | undefined];
    this.#say({ id, ok: true, result });
    then?.();
  }

  /** The result, and what begins only when that is out. */
  async #run(command: string, params: unknown): Promise<[unknown, (() => void) | undefined]> {
    let then: (() => void) | undefined;
    const context = {
      ...{ gateway: this.#gateway, urlOf: this.#urlOf },
      subscribe: async (asked: CommandParams<'subscribe'>) => {
        const { result, begin } = await this.#subscribe(asked);
        then = begin;
        return result;
      },
      unsubscribe: ({ topic }: { topic: Topic }) => ({ topic, subscribed: this.#unsubscribe(topic) }),
    };
    const result = await runCommand(context, command, params);
    return [result, then];
  }

  async #subscribe({ topic, after, snapshot }: CommandParams<'subscribe'>): Promise<{
    result: CommandResult<'subscribe'>;
    begin: () => void;
  }> {
    const { live } = this.#gateway;
    if (topic === 'stats') {
      const stats = snapshot ? await live.stats.read() : null;
      const begin = (): void => {
        this.#wantsStats = true;
        live.stats.add(this);
      };
      return { result: { topic, after: null, snapshot: stats }, begin };
    }
    if (!this.#topics.has(topic) && this.#topics.size >= MAX_TOPICS)
      throw new ApiError(
        'TOO_MANY_MESSAGES',
        `A connection follows at most ${MAX_TOPICS} videos: subscribe to videos.`,
      );
    const beginning = await this.#beginning(topic, { after, snapshot });
    const begin = (): void => {
      this.#unsubscribe(topic);
      if (this.#ws.readyState !== WebSocket.OPEN) return;
      this.#topics.set(topic, live.notifier.subscribe(topic, this, beginning.after));
    };
    const { after: place, snapshot: state } = beginning;
    return { result: { topic, after: place, snapshot: state }, begin };
  }

  #beginning(topic: string, { after, snapshot }: { after: number | undefined; snapshot: boolean }) {
    const { snapshots } = this.#gateway.live;
    if (topic === ALL_VIDEOS) return snapshots.ofAll(after ?? null);
    return after === undefined && snapshot ? snapshots.ofOne(topic, this.#urlOf) : snapshots.placeOf(topic, after ?? 0);
  }

  #unsubscribe(topic: string): boolean {
    if (topic === 'stats') {
      const did = this.#wantsStats;
      this.#wantsStats = false;
      this.#gateway.live.stats.remove(this);
      return did;
    }
    const subscription = this.#topics.get(topic);
    if (subscription !== undefined) this.#gateway.live.notifier.unsubscribe(subscription);
    return this.#topics.delete(topic);
  }

  #takeToken(): void {
    const now = performance.now();
    const earned = ((now - this.#refilledAt) / 1000) * MESSAGES_PER_SECOND;
    this.#tokens = Math.min(MESSAGE_BURST, this.#tokens + earned);
    this.#refilledAt = now;
    if (this.#tokens >= 1) {
      this.#tokens--;
      this.#refused = 0;
      return;
    }
    if (++this.#refused > MAX_REFUSED) this.#ws.close(CLOSE.policy, 'too many messages');
    throw new ApiError('TOO_MANY_MESSAGES', `At most ${MESSAGES_PER_SECOND} messages a second are taken.`);
  }

  #fail(id: string | number | null, error: unknown): void {
    const fault = asApiError(error);
    if (fault.code === 'INTERNAL') this.#gateway.log.error({ err: fault.cause }, 'a command failed');
    const { code, message, details } = fault;
    const { error: body } = errorBody({ code, message, details }, { requestId: '', now: new Date(0) });
    this.#say({ id, ok: false, error: body });
  }

  #say(message: WsMessage): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (this.#ws.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#gateway.live.connections.figures.dropped('websocket', 'slow');
      this.#ws.terminate();
      return;
    }
    this.#ws.send(JSON.stringify(message));
  }

  #drained(): void {
    this.#fullSinceMs = 0;
    for (const subscription of this.#topics.values()) this.#gateway.live.notifier.resume(subscription);
  }

  #leave(): void {
    for (const topic of [...this.#topics.keys(), 'stats']) this.#unsubscribe(topic);
    this.#gateway.live.connections.remove(this, { share: this.#share, transport: 'websocket' });
  }
}

/** @throws ApiError INVALID_JSON, INVALID_REQUEST */
function parsed(data: RawData, isBinary: boolean, onId: (id: string | number) => void) {
  let message: unknown;
  try {
    if (isBinary) throw new Error('binary');
    message = JSON.parse((data as Buffer).toString('utf8'));
  } catch {
    throw new ApiError('INVALID_JSON', 'A message is one JSON object in a text frame: {"id", "command", "params"}.');
  }
  const id = WsRequest.shape.id.safeParse((message as { id?: unknown } | null)?.id);
  if (id.success) onId(id.data);
  const request = WsRequest.safeParse(message);
  if (request.success) return request.data;
  const details = fieldFaults(request.error, Object.keys(WsRequest.shape), 'message');
  throw new ApiError('INVALID_REQUEST', 'The message is not a command; details names what is wrong.', { details });
}

/** Does it now; gives what came of it, or throws it, when asked. */
function attempt<T>(work: () => T): () => T {
  try {
    const result = work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

async function inTime<T>(running: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new ApiError('COMMAND_TIMED_OUT', `The command has not ended within ${COMMAND_MS / 1000} s.`);
    timer = setTimeout(() => reject(error), COMMAND_MS);
  });
  running.catch(() => {}); // it may fail after nobody waits for it any more
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}
