import { createHash, randomInt } from 'node:crypto';
import { PermanentError, ProviderError } from '../domain/errors.ts';
import type { Cost, LedgerLine } from '../domain/ledger-line.ts';
import type { Purchase, PurchaseKey } from '../domain/purchase.ts';
import type { Price } from './prices.ts';
import type { PurchaseStore } from './purchase-store.ts';
import { settled } from './settled.ts';

/** The first purchase, and at most one more when nobody knows what became of it. */
const MAX_ATTEMPTS = 2;

/** Seeds that every provider takes: 1 … 2^31−1. */
const MAX_SEED = 2 ** 31 - 1;

export interface Order<Answer> {
  key: PurchaseKey;
  provider: string;
  model: string;
  /** What is asked for; only its hash is kept. */
  prompt: string;
  /** Most it may cost; what `max_cost` and an unanswered call are counted with. */
  estimate: Price;
  /** CNY for the whole video; null: no limit. */
  maxCost: number | null;
  /** Asked before something is bought a second time: false when the video's run is to end. */
  isWanted(): Promise<boolean>;
  /** Cancellation of the activity. The call itself is never aborted. */
  signal: AbortSignal;
  /** Sends exactly one paid request. `answer` must be small and JSON: bytes are stored first, and referred to. */
  call(intent: {
    seed: number;
  }): Promise<{ answer: Answer; cost: Price & { basis: 'reported' | 'estimated'; model: string } }>;
}

/**
 * Buys each thing once. An intent is written before a call is sent, the answer before anyone is told of it; whoever
 * comes after a crash finds the answer, or knows that a call's outcome is unknown.
 */
export class PurchaseDesk {
  readonly #store: PurchaseStore;
  /** Calls under way in this process: an attempt that timed out is joined by its successor, not repeated. */
  readonly #underWay = new Map<string, Promise<Purchase>>();
  /** The last opening under a budget, by video. */
  readonly #opening = new Map<string, Promise<Purchase>>();

  constructor(store: PurchaseStore) {
    this.#store = store;
  }

  /**
   * @throws ProviderError as the call did; PermanentError `outcome_unknown` when both purchases stayed unanswered,
   * `max_cost_reached` when the budget forbids, `ledger_damaged` when a record cannot be read; the signal's reason when cancelled and no answer came in time.
   */
  async buy<Answer>(order: Order<Answer>): Promise<{ answer: Answer; purchase: Purchase }> {
    const id = JSON.stringify(order.key);
    let running = this.#underWay.get(id);
    if (running === undefined) {
      order.signal.throwIfAborted();
      running = this.#purchase(order).finally(() => this.#underWay.delete(id));
      this.#underWay.set(id, running);
    }
    // What comes later is recorded all the same.
    const purchase = await settled(running, order.signal);
    return { answer: purchase.answer as Answer, purchase };
  }

  /** Notes where the answer is safe now, so that a successor need not fetch it again. */
  async keep(purchase: Purchase, kept: unknown): Promise<void> {
    await this.#store.write({ ...purchase, kept });
  }

  /** The video's ledger. `inFilm` tells whether what was bought is part of the finished film. */
  async cost(tenant: string, videoId: string, inFilm: (purchase: Purchase) => boolean): Promise<Cost> {
    const purchases = await this.#store.list(tenant, videoId);
    const lines = purchases.filter(isPaid).map((purchase): LedgerLine => ({
      sceneId: purchase.key.sceneId,
      purpose: purchase.key.purpose,
      attempt: purchase.attempt,
      provider: purchase.provider,
      model: purchase.model,
      seed: purchase.key.purpose === 'still' ? purchase.seed : null,
      promptSha256: purchase.promptSha256,
      units: purchase.units,
      price: purchase.price,
      basis: purchase.basis,
      state: purchase.state !== 'answered' ? 'unknown' : inFilm(purchase) ? 'bought' : 'unused',
      at: purchase.openedAt,
    }));
    lines.sort((a, b) => a.at.localeCompare(b.at));
    return { currency: 'CNY', total: sum(lines.map((line) => line.price)), lines };
  }

  async #purchase<Answer>(order: Order<Answer>): Promise<Purchase> {
    const known = await this.#store.find(order.key);
    const answered = known.find((purchase) => purchase.state === 'answered');
    if (answered !== undefined) return answered;

    const lost = known.filter((purchase) => purchase.state !== 'refused');
    // Whoever wrote `intended` is gone: nobody will hear that answer any more.
    for (const purchase of lost) {
      if (purchase.state === 'intended') await this.#settle(purchase, { state: 'unknown' });
    }
    if (lost.length >= MAX_ATTEMPTS) {
      throw new PermanentError(
        'outcome_unknown',
        'two purchases were sent and neither was answered; not buying a third',
      );
    }
    // Whoever comes after a crash may be faster than the news of a cancel.
    if (lost.length > 0 && !(await order.isWanted()))
      throw new PermanentError('cancelled', 'the video was cancelled before this was bought once more');
    const open = () => this.#open(order, lost.length + 1);
    const intent = await (order.maxCost === null ? open() : this.#inTurn(order.key, open));
    return this.#send(order, intent);
  }

  /** One after the other: of many at once, each would count the others' intents, and all be refused. */
  async #inTurn({ tenant, videoId }: PurchaseKey, open: () => Promise<Purchase>): Promise<Purchase> {
    const video = JSON.stringify([tenant, videoId]);
    const opening = (this.#opening.get(video) ?? Promise.resolve()).then(open, open);
    this.#opening.set(video, opening);
    try {
      return await opening;
    } finally {
      if (this.#opening.get(video) === opening) this.#opening.delete(video);
    }
  }

  async #open<Answer>(order: Order<Answer>, attempt: number): Promise<Purchase> {
    const intent: Purchase = {
      key: order.key,
      attempt,
      seed: randomInt(1, MAX_SEED),
      provider: order.provider,
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
    await this.#store.write(intent);
    try {
      // Counted after it is written: of two processes that would pass the limit together, neither overlooks the other.
      await this.#checkBudget(order);
    } catch (error) {
      // Nothing was sent.
      await this.#settle(intent, { state: 'refused' });
      throw error;
    }
    return intent;
  }

  async #checkBudget<Answer>({ key, maxCost }: Order<Answer>): Promise<void> {
    if (maxCost === null) return;
    const all = await this.#store.list(key.tenant, key.videoId);
    if (sum(all.filter(isPaid).map((purchase) => purchase.price)) <= maxCost) return;
    throw new PermanentError('max_cost_reached', `buying this would pass max_cost (${maxCost} CNY)`);
  }

  async #send<Answer>(order: Order<Answer>, intent: Purchase): Promise<Purchase> {
    try {
      const { answer, cost } = await order.call({ seed: intent.seed });
      return await this.#settle(intent, { state: 'answered', answer, ...cost });
    } catch (error) {
      // Our own refusals (PermanentError) are raised before anything is sent.
      const refused =
        error instanceof PermanentError || (error instanceof ProviderError && error.details.billed === 'no');
      await this.#settle(intent, { state: refused ? 'refused' : 'unknown' });
      throw error;
    }
  }

  async #settle(purchase: Purchase, change: Partial<Purchase>): Promise<Purchase> {
    const settledPurchase = { ...purchase, ...change, settledAt: new Date().toISOString() };
    await this.#store.write(settledPurchase);
    return settledPurchase;
  }
}

const isPaid = (purchase: Purchase): boolean => purchase.state !== 'refused';

const sum = (prices: number[]): number => Math.round(prices.reduce((a, b) => a + b, 0) * 1e6) / 1e6;
