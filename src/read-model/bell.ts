import { EventEmitter } from 'node:events';
import { Redis } from 'ioredis';

/**
 * Tells other processes that there are new events. It carries nothing and promises nothing: whoever waits for it also
 * looks by itself, a little later.
 */
export interface Bell {
  ring(): void;
  /** Stops listening when called. */
  onRing(listener: () => void): () => void;
  close(): void;
}

/** Heard in this process only. */
export class LocalBell implements Bell {
  protected readonly rings = new EventEmitter().setMaxListeners(0);

  ring(): void {
    this.rings.emit('ring');
  }

  onRing(listener: () => void): () => void {
    this.rings.on('ring', listener);
    return () => this.rings.off('ring', listener);
  }

  close(): void {
    this.rings.removeAllListeners();
  }
}

const CHANNEL = 'mcp-bridge:events';
/** A Redis that is slower is not waited for. */
const COMMAND_MS = 500;
const RECONNECT_MS = { step: 200, most: 5_000 };

/** Heard by every process on one Redis; while that is away, in this process. */
export class RedisBell extends LocalBell {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;

  /** `onFault` hears when Redis goes away or refuses, once until it is back. */
  constructor(url: string, onFault: (code: string) => void) {
    super();
    const options = {
      ...{ lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0 },
      ...{ connectTimeout: COMMAND_MS, commandTimeout: COMMAND_MS },
      retryStrategy: (times: number) => Math.min(times * RECONNECT_MS.step, RECONNECT_MS.most),
    };
    this.#publisher = new Redis(url, options);
    // A subscription is made again by the client itself whenever it is connected again.
    this.#subscriber = new Redis(url, { ...options, autoResubscribe: true });
    let isAway = false;
    const fault = (error: Error & { code?: string }): void => {
      // Its message may hold the address: only the code goes on.
      if (!isAway) onFault(error.code ?? error.name);
      isAway = true;
    };
    for (const client of [this.#publisher, this.#subscriber]) {
      client.on('error', fault);
      client.connect().catch(fault);
    }
    this.#subscriber.on('ready', () => {
      isAway = false;
      this.#subscriber.subscribe(CHANNEL).catch(fault);
    });
    this.#subscriber.on('message', () => super.ring());
  }

  override ring(): void {
    super.ring();
    if (this.#publisher.status === 'ready') this.#publisher.publish(CHANNEL, '').catch(() => {});
  }

  override close(): void {
    super.close();
    this.#publisher.disconnect();
    this.#subscriber.disconnect();
  }
}
