import { setTimeout as sleep } from 'node:timers/promises';
import type { Purchase, PurchaseKey } from '../../src/domain/purchase.ts';
import type { Order } from '../../src/ledger/purchase-desk.ts';
import { SqlPurchaseStore, type SqlPurchaseStoreOptions } from '../../src/ledger/sql-purchase-store.ts';
import { readAnswer, sendPaidPost, unreadableAnswer } from '../../src/providers/paid-post.ts';
import { createPool } from '../../src/providers/pool.ts';
import { type Answer, json, startHost } from '../../src/providers/testing/local-host.ts';
import type { TestDatabase } from '../database/servers.ts';

export const PRICE = 0.2;

export const KEY: PurchaseKey = { tenant: 'local', videoId: 'v1', sceneId: 's1', purpose: 'still' };

export interface Goods {
  picture: string;
}

/** What the shop sells: each call gets another picture, so that nobody can mistake one purchase for another. */
const goods = (n: number): Goods => ({ picture: `picture ${n}` });

/** A paid service over a real socket. Its `received` is the invoice: every request that came in, by its seed. */
export async function openShop() {
  const received: number[] = [];
  const next: Answer[] = [];
  const onRequest: (() => Promise<void>)[] = [];
  const host = await startHost((response, request) => {
    const { seed } = JSON.parse(host.requests.at(-1)!.body) as { seed: number };
    const n = received.push(seed);
    const answer = next.shift() ?? json(200, goods(n));
    void Promise.all(onRequest.map((listener) => listener())).then(() => answer(response, request));
  });
  return {
    url: host.url,
    received,
    /** The coming requests are answered so, one each. */
    answers: (...answers: Answer[]) => void next.push(...answers),
    /** Runs when a request has come, before it is answered. */
    onRequest: (listener: () => Promise<void>) => void onRequest.push(listener),
    close: host.close,
  };
}
export type Shop = Awaited<ReturnType<typeof openShop>>;

/** A point that the test lets be passed when it likes. */
export function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  let arrive = (): void => {};
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const pass = (): Promise<void> => {
    arrive();
    return opened;
  };
  return { pass, open, reached };
}

/** An answer that waits until the test lets it go. */
export function heldAnswer(answer: Answer) {
  const { pass, open, reached } = gate();
  const held: Answer = (response, request) => void pass().then(() => answer(response, request));
  return { held, letGo: open, arrived: reached };
}

/** Looks again until it is so; the runner's own limit ends a test that waits in vain. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10);
}

export const REFUSED_429 = json(429, 'busy', { 'retry-after': '7' });
export const BARE_500 = json(500, 'upstream error');

/** Sent as the product sends what it pays for. */
export function orderFrom(url: string, change: Partial<Order<Goods>> = {}): Order<Goods> {
  return {
    key: KEY,
    provider: 'shop',
    model: 'picture-model',
    prompt: 'a picture',
    estimate: { units: { images: 1 }, price: PRICE },
    maxCost: null,
    isWanted: async () => true,
    signal: new AbortController().signal,
    call: async ({ seed }) => {
      const pool = createPool({ maxConnections: 1, connectionTimeoutMs: 5_000, readTimeoutMs: 60_000 });
      try {
        const reply = await sendPaidPost({ pool, provider: 'shop', url: `${url}/buy`, headers: {}, body: { seed } });
        const text = await readAnswer(reply, 10_000);
        if (reply.status !== 200) throw unreadableAnswer(reply);
        const cost = { units: { images: 1 }, price: PRICE, basis: 'reported' as const, model: 'picture-model' };
        return { answer: JSON.parse(text) as Goods, cost };
      } finally {
        await pool.close();
      }
    },
    ...change,
  };
}

/** The product's store on a database of the tests; each is one process's, as far as leases are concerned. */
export function ledgerOn({ database }: TestDatabase, options: Partial<SqlPurchaseStoreOptions> = {}): SqlPurchaseStore {
  return new SqlPurchaseStore({ database, note: () => {}, ...options });
}

/** A record as the desk writes it. */
export function purchaseOf(change: Partial<Purchase> = {}): Purchase {
  return {
    key: KEY,
    attempt: 1,
    seed: 1,
    provider: 'shop',
    channel: 'http_channel',
    promptSha256: null,
    model: 'picture-model',
    state: 'intended',
    units: { images: 1 },
    price: PRICE,
    basis: 'estimated',
    openedAt: '2026-01-01T00:00:00.000Z',
    settledAt: null,
    answer: null,
    kept: null,
    ...change,
  };
}
