import { setTimeout as sleep } from 'node:timers/promises';
import { ENDED } from '../e2e/stack-under-test.ts';
import type { Fleet } from './fleet.ts';
import type { Random } from './random.ts';

/** Longer than any answer may take; a gateway that is stopped answers nobody. */
const ANSWER_MS = 15_000;
const POLL_MS = 400;

/** One film that somebody wants, and will go on asking for until it is accepted. */
export interface Order {
  n: number;
  key: string;
  wish: { video_theme: string; duration: number; aspect_ratio: string; resolution: '360p' } & Record<string, unknown>;
  /** Every id that was ever given for the key: there must be one. */
  ids: Set<string>;
  postedAt: number;
  /** Its customer asks nobody how it is: only Temporal is looked at. */
  silent: boolean;
  /** When a cancel was acknowledged. */
  cancelledAt: number | null;
  /** Answers that say nothing a program could act on. */
  bewildered: string[];
  /** An operator has tried to terminate its run. */
  terminated: boolean;
  /** What it had come to when it was last looked at. */
  status: string | null;
  endedAt: number | null;
}

export const idOf = (order: Order): string | null => [...order.ids][0] ?? null;

/** Shares of all customers. */
export interface Habits {
  /** Send the same order twice at once. */
  impatient: number;
  /** Cancel after a while. */
  fickle: number;
  /** Never ask how far it is. */
  silent: number;
}

/** Temporal's word for the end of a run that has made a film. */
export const COMPLETED = 'COMPLETED';

/** Customers: they ask again when they hear nothing, twice when they are impatient, and some change their mind. */
export class Orders {
  readonly all: Order[] = [];
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #seed: number;
  readonly #habits: Habits;
  readonly #signal: AbortSignal;

  constructor(
    fleet: Fleet,
    random: Random,
    { seed, habits, signal }: { seed: number; habits: Habits; signal: AbortSignal },
  ) {
    this.#fleet = fleet;
    this.#random = random;
    this.#seed = seed;
    this.#habits = habits;
    this.#signal = signal;
  }

  /** Has `count` films made, `inFlight` at a time. Resolves when all have been accepted and have ended. */
  async place({ count, inFlight }: { count: number; inFlight: number }): Promise<void> {
    const customers = Array.from({ length: inFlight }, async () => {
      while (this.all.length < count && !this.#signal.aborted) await this.#serve(this.#next());
    });
    await Promise.all(customers);
  }

  #next(): Order {
    const random = this.#random;
    const n = this.all.length + 1;
    const order: Order = {
      n,
      key: `chaos-${this.#seed}-${n}`,
      wish: {
        video_theme: `${random.pick(['手冲咖啡的清晨', '一把会唱歌的伞', 'A lighthouse in winter', '城市夜跑'])} ${this.#seed}n${n}`,
        duration: random.pick([5, 5, 6]),
        aspect_ratio: random.pick(['9:16', '16:9', '1:1', '3:4', '4:3']),
        resolution: '360p',
        enable_tts: random.chance(0.85),
        captions: random.pick(['karaoke', 'line', 'none']),
        ...(random.chance(0.2) ? { max_cost: 5 } : {}),
      },
      ids: new Set(),
      postedAt: Date.now(),
      silent: random.chance(this.#habits.silent),
      cancelledAt: null,
      bewildered: [],
      terminated: false,
      status: null,
      endedAt: null,
    };
    this.all.push(order);
    return order;
  }

  async #serve(order: Order): Promise<void> {
    const random = this.#random.fork();
    const impatient = random.chance(this.#habits.impatient);
    await Promise.all(Array.from({ length: impatient ? 2 : 1 }, () => this.#ask(order, random.fork())));
    if (random.chance(this.#habits.fickle)) {
      await this.#pause(random.between(0, 6_000));
      await this.#cancel(order, random);
    }
    await (order.silent ? this.#watch(order) : this.#follow(order, random));
  }

  /** Until somebody says yes: the key makes it safe to ask again. */
  async #ask(order: Order, random: Random): Promise<void> {
    while (!this.#signal.aborted) {
      const answer = await this.#request(random, order, { method: 'POST', at: '/api/v1/generate-video' });
      if (answer?.status === 202 || answer?.status === 200) {
        order.ids.add((answer.body as { data: { id: string } }).data.id);
        return;
      }
      if (answer !== null && answer.status < 500 && answer.status !== 429)
        throw new Error(`order ${order.n} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      await this.#pause(POLL_MS);
    }
  }

  async #cancel(order: Order, random: Random): Promise<void> {
    while (!this.#signal.aborted) {
      const answer = await this.#request(random, order, { method: 'DELETE', at: `/api/v1/videos/${idOf(order)}` });
      if (answer?.status === 200 || answer?.status === 202) order.cancelledAt ??= Date.now();
      // 409: it was finished before.
      if (answer !== null && [200, 202, 409].includes(answer.status)) return;
      await this.#pause(POLL_MS);
    }
  }

  async #follow(order: Order, random: Random): Promise<void> {
    while (!this.#signal.aborted) {
      const answer = await this.#request(random, order, { method: 'GET', at: `/api/v1/videos/${idOf(order)}` });
      if (answer?.status === 200) {
        order.status = (answer.body as { data: { status: string } }).data.status;
        if ((ENDED as readonly string[]).includes(order.status)) {
          order.endedAt = Date.now();
          return;
        }
      }
      await this.#pause(POLL_MS);
    }
  }

  /** Temporal tells; nothing of ours is asked. */
  async #watch(order: Order): Promise<void> {
    const run = this.#fleet.under.client.workflow.getHandle(`video-${idOf(order)}`);
    while (!this.#signal.aborted) {
      order.status = await run.describe().then(
        ({ status }) => status.name,
        () => order.status,
      );
      if (order.status !== null && order.status !== 'RUNNING') {
        order.endedAt = Date.now();
        return;
      }
      await this.#pause(POLL_MS);
    }
  }

  /** Null: nobody answered, or not in time. */
  async #request(random: Random, order: Order, { method, at }: { method: 'GET' | 'POST' | 'DELETE'; at: string }) {
    const gateway = random.pick(this.#fleet.gateways);
    try {
      const response = await fetch(`${gateway.url()}${at}`, {
        method,
        signal: AbortSignal.timeout(ANSWER_MS),
        ...(method === 'POST'
          ? {
              headers: { 'content-type': 'application/json', 'idempotency-key': order.key },
              body: JSON.stringify(order.wish),
            }
          : {}),
      });
      const { status } = response;
      const body: unknown = await response.json();
      if (status >= 500 && status !== 503) order.bewildered.push(`${method} ${at}: ${status} ${JSON.stringify(body)}`);
      return { status, body };
    } catch {
      return null;
    }
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#signal }).catch(() => {});
  }
}
