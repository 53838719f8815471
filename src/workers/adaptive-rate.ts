import { isGrpcServiceError } from '@temporalio/client';
import type { CallSeen } from '../breakers/breakers.ts';
import type { AdaptiveRateSettings } from '../domain/config-files.ts';
import type { Queue } from '../domain/queues.ts';
import { loweredRate, raisedRate } from '../domain/rate-plan.ts';
import type { Service } from '../domain/service.ts';
import type { Logger } from '../log.ts';
import { readQueueRate, writeQueueRate, type QueueRate } from '../temporal/queue-rate.ts';
import type { AskTemporal } from '../temporal/run-record.ts';

/** A change shows at the provider only after this: refusals until then are about the rate before. */
const SETTLE_MS = 3_000;
/** How often a queue is looked at: after a refusal, while it has a limit, and otherwise. */
const LOOK_MS = { refused: 500, limited: 2_500, free: 30_000 };
/** Calls of the last moments: their share of refusals, and their rate where the server's own figure still lags behind. */
const RECENT_MS = 3_000;
/** gRPC: UNIMPLEMENTED, PERMISSION_DENIED. This server's queues cannot be adjusted by us. */
const REFUSED_BY_SERVER = [12, 7];

export interface AdaptiveRateOptions {
  /** The queues this process serves, and whom their activities call. */
  queues: Partial<Record<Service, Queue>>;
  settings: AdaptiveRateSettings;
  askTemporal: AskTemporal;
  log: Logger;
  /** Hears each limit as it is found; null: none. */
  onRate?: (queue: Queue, perSecond: number | null) => void;
}

/**
 * Adapts how fast the server gives out the tasks of a queue to what the provider behind it takes: down by a share when calls
 * are refused with 429, up by a step when none was for a while. The limit itself lives in the server, for all workers:
 * of several that see the same refusals, one lowers it and the others find it lowered.
 */
export class AdaptiveRate {
  readonly #queues: Map<Service, QueueWatch>;

  constructor({ queues, ...options }: AdaptiveRateOptions) {
    this.#queues = new Map(
      Object.entries(queues).map(([service, queue]) => [service as Service, new QueueWatch(queue, options)]),
    );
  }

  note({ service, isRateLimited }: CallSeen): void {
    this.#queues.get(service)?.note(isRateLimited);
  }

  stop(): void {
    for (const watch of this.#queues.values()) watch.stop();
  }
}

/** One queue's limit, as seen from this process. */
class QueueWatch {
  readonly #queue: Queue;
  readonly #options: Omit<AdaptiveRateOptions, 'queues'>;
  #timer: NodeJS.Timeout | null = null;
  #isLooking = false;
  #isStopped = false;
  /** The limit's version, and since when it is known: by our own clock, whatever the server's says. */
  #known = { version: '', perSecond: null as number | null, sinceMs: 0 };
  #recent: { atMs: number; isRefused: boolean }[] = [];
  #quietSinceMs = Date.now();

  constructor(queue: Queue, options: Omit<AdaptiveRateOptions, 'queues'>) {
    this.#queue = queue;
    this.#options = options;
    // Whoever set a limit may be gone.
    this.#look(LOOK_MS.limited);
  }

  note(isRefused: boolean): void {
    const atMs = Date.now();
    if (isRefused) this.#quietSinceMs = atMs;
    const isSettling = this.#known.perSecond !== null && atMs - this.#known.sinceMs < SETTLE_MS;
    if (isSettling) return;
    this.#recent = [...this.#recentCalls(atMs), { atMs, isRefused }];
    if (isRefused && !this.#isLooking) this.#look(LOOK_MS.refused);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #look(inMs: number): void {
    if (this.#isStopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#adapt(), inMs).unref();
  }

  async #adapt(): Promise<void> {
    this.#isLooking = true;
    let nextMs = LOOK_MS.limited;
    try {
      nextMs = await this.#step();
    } catch (error) {
      if (isGrpcServiceError(error) && REFUSED_BY_SERVER.includes(error.code)) {
        this.#options.log.warn({ queue: this.#queue }, 'this Temporal server lets nobody adapt the rate of its queues');
        this.stop();
      }
      // Otherwise Temporal is away or slow: nothing is given out then either.
    }
    this.#isLooking = false;
    this.#look(nextMs);
  }

  /** Resolves to when to look again. */
  async #step(): Promise<number> {
    const { askTemporal, onRate = () => {} } = this.#options;
    const rate = await askTemporal((client) => readQueueRate(client, this.#queue));
    onRate(this.#queue, rate.perSecond);
    this.#recognise(rate);
    // An operator knows better.
    if (rate.perSecond !== null && !rate.isOurs) return LOOK_MS.free;
    const wanted = this.#wanted(rate);
    if (wanted !== rate.perSecond) await this.#change(rate.perSecond, wanted);
    return wanted === null ? LOOK_MS.free : LOOK_MS.limited;
  }

  #recognise({ version, perSecond }: QueueRate): void {
    if (version === this.#known.version) return;
    // Refusals under another limit say nothing about this one.
    if (perSecond !== null) this.#recent = [];
    this.#known = { version, perSecond, sinceMs: Date.now() };
  }

  #wanted({ perSecond, dispatchedPerSecond }: QueueRate): number | null {
    const { settings } = this.#options;
    const now = Date.now();
    const recent = this.#recentCalls(now);
    const refused = recent.filter(({ isRefused }) => isRefused).length;
    if (refused > 0) {
      const asked = perSecond ?? Math.max(dispatchedPerSecond, recent.length / (RECENT_MS / 1000));
      return loweredRate(asked, 1 - refused / recent.length, settings);
    }
    if (perSecond === null || now - this.#known.sinceMs < settings.raise_every_seconds * 1000) return perSecond;
    return raisedRate(perSecond, { quietMs: now - this.#quietSinceMs, dispatchedPerSecond }, settings);
  }

  async #change(from: number | null, to: number | null): Promise<void> {
    await this.#options.askTemporal((client) => writeQueueRate(client, this.#queue, to));
    this.#options.onRate?.(this.#queue, to);
    this.#recognise(await this.#options.askTemporal((client) => readQueueRate(client, this.#queue)));
    this.#options.log.info({ queue: this.#queue, from, to }, 'calls a second were adapted to the provider');
  }

  #recentCalls(nowMs: number): { atMs: number; isRefused: boolean }[] {
    return this.#recent.filter(({ atMs }) => atMs > nowMs - RECENT_MS);
  }
}
