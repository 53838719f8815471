import { createHash, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UNGUARDED, type Guard } from '../breakers/breakers.ts';
import type { Admission } from '../breakers/circuit-breaker.ts';
import { DatabaseUnavailable } from '../database/errors.ts';
import { CallDeferred, PermanentError, ProviderError } from '../domain/errors.ts';
import type { Cost } from '../domain/ledger-line.ts';
import type { Purchase, PurchaseKey } from '../domain/purchase.ts';
import { serviceOf, type Channel } from '../domain/service.ts';
import { costOf, isPaid, sumOf } from './cost-of.ts';
import type { Price } from './prices.ts';
import type { PurchaseStore } from './purchase-store.ts';
import { settled } from './settled.ts';

/** The first purchase, and at most one more when nobody knows what became of it. */
const MAX_ATTEMPTS = 2;

/** How often a call that another process has in flight is looked at. */
const LOOK_MS = 500;

/** After an outage of the database, its living owner has this long to come forward before a call counts as lost. */
const GRACE_MS = 2_000;

/** Seeds that every provider takes: 1 … 2^31−1. */
const MAX_SEED = 2 ** 31 - 1;

export interface Order<Answer> {
  key: PurchaseKey;
  provider: string;
  /** The way it is sent; over HTTP unless said. */
  channel?: Channel;
  model: string;
  /** What is asked for; only its hash is kept. */
  prompt: string;
  /** Most it may cost; what `max_cost` and an unanswered call are counted with. */
  estimate: Price;
  /** CNY for the whole video; null: no limit. */
  maxCost: number | null;
  /** Asked before anything is sent: false when the video's run is to end. */
  isWanted(): Promise<boolean>;
  /** Cancellation of the activity. The call itself is never aborted. */
  signal: AbortSignal;
  /** Sends exactly one paid request. `answer` must be small and JSON: bytes are stored first, and referred to. */
  call(intent: { seed: number }): Promise<Bought<Answer>>;
  /**
   * Where the provider can be asked what it has made: looks for a call that was sent and not answered, before anything
   * is bought in its place. Null: it is not there. Costs nothing; when it throws, nothing is bought either.
   */
  find?(lost: { seed: number }): Promise<Bought<Answer> | null>;
}

/** What came of a call. */
export interface Bought<Answer> {
  answer: Answer;
  cost: Price & { basis: 'reported' | 'estimated'; model: string };
}

/**
 * Buys each thing once. An intent is written before a call is sent, the answer before anyone is told of it; whoever
 * comes after a crash finds the answer, or knows that a call's outcome is unknown.
 */
export class PurchaseDesk {
  readonly #store: PurchaseStore;
  readonly #guard: Guard;
  readonly #checkRoom: () => Promise<void>;
  /** Calls under way in this process: an attempt that timed out is joined by its successor, not repeated. */
  readonly #underWay = new Map<string, Promise<Purchase>>();
  /** The last opening under a budget, by video. */
  readonly #opening = new Map<string, Promise<unknown>>();

  /** `checkRoom` throws when what is bought could not be stored. */
  constructor(store: PurchaseStore, guard: Guard = UNGUARDED, checkRoom = () => Promise.resolve()) {
    this.#store = store;
    this.#guard = guard;
    this.#checkRoom = checkRoom;
  }

  /**
   * @throws ProviderError as the call did; PermanentError `outcome_unknown` when both purchases stayed unanswered,
   * `max_cost_reached` when the budget forbids; CallDeferred when nothing should be sent now; DatabaseUnavailable when nothing was sent because the ledger is away; as `checkRoom` does; the
   * signal's reason when cancelled and no answer came in time.
   */
  async buy<Answer>(order: Order<Answer>): Promise<{ answer: Answer; purchase: Purchase }> {
    for (;;) {
      try {
        // What comes later is recorded all the same.
        const purchase = await settled(this.#joined(order), order.signal);
        return { answer: purchase.answer as Answer, purchase };
      } catch (error) {
        if (!(error instanceof GaveUpWaiting)) throw error;
        // Whoever waited first was cancelled before anything was sent: the others go on without.
        order.signal.throwIfAborted();
      }
    }
  }

  /** Notes where the answer is safe now, so that a successor need not fetch it again. */
  async keep(purchase: Pick<Purchase, 'key' | 'seed'>, kept: unknown): Promise<void> {
    await this.#store.keep(purchase, kept);
  }

  /** What was told later of an answered call: what it has cost, or `unbilled`, and it may be bought again. */
  async correct(purchase: Pick<Purchase, 'key' | 'seed'>, told: Bought<unknown>['cost'] | 'unbilled'): Promise<void> {
    await this.#store.correct(purchase, told === 'unbilled' ? { state: 'refused' } : told);
  }

  /** Resolves when no call is under way any more, also none that nobody waits for. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay.values());
  }

  /** The video's ledger. `inFilm` tells whether what was bought is part of the finished film. */
  async cost(tenant: string, videoId: string, inFilm: (purchase: Purchase) => boolean): Promise<Cost> {
    return costOf(await this.#store.list(tenant, videoId), inFilm);
  }

  #joined<Answer>(order: Order<Answer>): Promise<Purchase> {
    const id = JSON.stringify(order.key);
    const running = this.#underWay.get(id);
    if (running !== undefined) return running;
    order.signal.throwIfAborted();
    const started = this.#purchase(order).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, started);
    return started;
  }

  async #purchase<Answer>(order: Order<Answer>): Promise<Purchase> {
    for (;;) {
      const known = await this.#whenNobodyBuys(order);
      const answered = known.find((purchase) => purchase.state === 'answered');
      if (answered !== undefined) return answered;
      const lost = known.filter((purchase) => purchase.state !== 'refused');
      const found = await this.#found(order, lost);
      if (found !== null) return found;
      this.#checkAgain(lost);
      // Before anything is written: what is put off leaves no trace.
      await this.#checkRoom();
      const admission = this.#guard.admit(serviceOf(order.key.purpose), order.channel);
      try {
        const intent = await this.#intent(order, lost);
        if (intent !== null) return await this.#send(order, intent, admission);
      } finally {
        admission.leave();
      }
    }
  }

  /** Waits while another process has the call in flight. What nobody will hear an answer of any more becomes `unknown`. */
  async #whenNobodyBuys<Answer>({ key, signal }: Order<Answer>): Promise<Purchase[]> {
    for (let suspect: number | null = null; ;) {
      const known = await this.#store.find(key);
      const open = known.find(({ purchase }) => purchase.state === 'intended');
      if (open === undefined) return known.map(({ purchase }) => purchase);
      if (!open.underWay && open.purchase.seed === suspect) {
        await this.#store.writeOff(open.purchase);
        continue;
      }
      suspect = open.underWay ? null : open.purchase.seed;
      await sleep(open.underWay ? LOOK_MS : GRACE_MS, undefined, { signal }).catch(() => {
        throw new GaveUpWaiting();
      });
    }
  }

  /** One that was sent, was not answered, and was made all the same. */
  async #found<Answer>({ find }: Order<Answer>, lost: Purchase[]): Promise<Purchase | null> {
    if (find === undefined) return null;
    for (const purchase of lost) {
      const bought = await find({ seed: purchase.seed });
      if (bought !== null) return this.#settle(purchase, { state: 'answered', answer: bought.answer, ...bought.cost });
    }
    return null;
  }

  /** `lost`: sent before, without an answer. */
  #checkAgain(lost: Purchase[]): void {
    if (lost.length >= MAX_ATTEMPTS) {
      throw new PermanentError(
        'outcome_unknown',
        'two purchases were sent and neither was answered; not buying a third',
      );
    }
  }

  /** Null when another process was quicker. */
  async #intent<Answer>(order: Order<Answer>, lost: Purchase[]): Promise<Purchase | null> {
    // One that was refused gives its number back.
    const attempt = lost.some((purchase) => purchase.attempt === 1) ? 2 : 1;
    const open = () => this.#open(order, attempt);
    return order.maxCost === null ? open() : this.#inTurn(order.key, open);
  }

  /** One after the other: of many at once, each would count the others' intents, and all be refused. */
  async #inTurn<T>({ tenant, videoId }: PurchaseKey, open: () => Promise<T>): Promise<T> {
    const video = JSON.stringify([tenant, videoId]);
    const opening = (this.#opening.get(video) ?? Promise.resolve()).then(open, open);
    this.#opening.set(video, opening);
    try {
      return await opening;
    } finally {
      if (this.#opening.get(video) === opening) this.#opening.delete(video);
    }
  }

  async #open<Answer>(order: Order<Answer>, attempt: number): Promise<Purchase | null> {
    const intent: Purchase = {
      key: order.key,
      attempt,
      seed: randomInt(1, MAX_SEED),
      provider: order.provider,
      channel: order.channel ?? 'http_channel',
      promptSha256: createHash('sha256').update(order.prompt).digest('hex'),
      model: order.model,
      state: 'intended',
      units: order.estimate.units,
      price: order.estimate.price,
      basis: 'estimated',
      openedAt: new Date().toISOString(),
      settledAt: null,
      answer: null,
      kept: null,
    };
    if (!(await this.#store.open(intent))) return null;
    try {
      await this.#checkWanted(order, attempt);
      // Counted after it is written: of two processes that would pass the limit together, neither overlooks the other.
      await this.#checkBudget(order);
    } catch (error) {
      // Nothing was sent.
      await this.#settle(intent, { state: 'refused' });
      throw error;
    }
    return intent;
  }

  /** The news of a cancel takes a while to come here: whoever was told that it is cancelled pays for nothing begun since. */
  async #checkWanted<Answer>(order: Order<Answer>, attempt: number): Promise<void> {
    const wanted = await order.isWanted().catch((error: unknown) => {
      // Nobody could tell. A first purchase is what the run has asked for; a second is made for sure or not at all.
      if (attempt > 1) throw error;
      return true;
    });
    if (!wanted) throw new PermanentError('cancelled', 'the video was cancelled before this was bought');
  }

  async #checkBudget<Answer>({ key, maxCost }: Order<Answer>): Promise<void> {
    if (maxCost === null) return;
    const all = await this.#store.list(key.tenant, key.videoId);
    if (sumOf(all.filter(isPaid)) <= maxCost) return;
    throw new PermanentError('max_cost_reached', `buying this would pass max_cost (${maxCost} CNY)`);
  }

  async #send<Answer>(order: Order<Answer>, intent: Purchase, admission: Admission): Promise<Purchase> {
    const { answer, cost } = await this.#call(order, intent, admission);
    try {
      return await this.#settle(intent, { state: 'answered', answer, ...cost });
    } catch (error) {
      // Where even the answer could not be written for so long, this could not either.
      if (!(error instanceof DatabaseUnavailable)) await this.#settle(intent, { state: 'unknown' });
      throw error;
    }
  }

  async #call<Answer>(order: Order<Answer>, intent: Purchase, admission: Admission): ReturnType<Order<Answer>['call']> {
    try {
      return await admission.send(() => order.call({ seed: intent.seed }));
    } catch (error) {
      // Our own refusals (PermanentError), and a circuit that has opened just now, come before anything is sent.
      const refused =
        error instanceof PermanentError ||
        error instanceof CallDeferred ||
        (error instanceof ProviderError && error.details.billed === 'no');
      await this.#settle(intent, { state: refused ? 'refused' : 'unknown' });
      throw error;
    }
  }

  async #settle(purchase: Purchase, change: Partial<Purchase>): Promise<Purchase> {
    const settledPurchase = { ...purchase, ...change, settledAt: new Date().toISOString() };
    await this.#store.settle(settledPurchase);
    return settledPurchase;
  }
}

/** Cancelled while another process had the call in flight: nothing was sent from here. */
class GaveUpWaiting extends Error {
  override readonly name = 'GaveUpWaiting';
}
