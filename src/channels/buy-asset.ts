import type { FallbackStrategies } from '../domain/config-files.ts';
import type { Purchase, PurchaseKey } from '../domain/purchase.ts';
import type { Channel } from '../domain/service.ts';
import type { Order, PurchaseDesk } from '../ledger/purchase-desk.ts';
import { firstThatServes, inOrder, isTheWaysFault, reasonOf } from './policy.ts';

/** Who sells one kind of asset, by the channel to them. */
export type Ways<Provider> = Partial<Record<Channel, Provider>>;

/** Where assets are bought: one desk, and in which order its channels are asked. */
export interface AssetShop {
  desk: Pick<PurchaseDesk, 'buy'>;
  strategy: FallbackStrategies['asset_generation'];
  /** Told when another than the first channel has served. */
  onFallback(fallback: Fallback): void;
}

export interface Fallback {
  key: PurchaseKey;
  served: Channel;
  passedOver: { channel: Channel; why: string }[];
}

/** What is to be bought. `channel` and provider are the shop's choice; `call` is told whom to ask. */
export interface AssetOrder<Provider, Answer> extends Omit<Order<Answer>, 'channel' | 'call'> {
  ways: Ways<Provider>;
  call(provider: Provider, intent: { seed: number }): ReturnType<Order<Answer>['call']>;
}

/**
 * Buys one asset over the first channel that serves. Each channel is a purchase attempt of its own at the desk: its breaker
 * is asked first, an intent that names it is written before anything is sent, and whichever channel comes second, there is
 * at most one more purchase after one of unknown outcome. `purchase.channel` tells which one it was.
 *
 * For pictures and clips alike: `buyAsset(shop, {ways: deps.ways.clip, …, call: (provider, {seed}) => provider.createClip(…)})`.
 * A task is known to the channel that has created it: whoever waits for it asks `ways[purchase.channel]`.
 * @throws as the desk does, for the last channel that was asked; when all are put off, for the one that may be asked first.
 */
export async function buyAsset<Provider, Answer>(
  { desk, strategy, onFallback }: AssetShop,
  { ways, call, ...order }: AssetOrder<Provider, Answer>,
): Promise<{ answer: Answer; purchase: Purchase }> {
  const over = (channel: Channel, provider: Provider) => () =>
    desk.buy({ ...order, channel, call: (intent) => call(provider, intent) });
  const offers = (Object.entries(ways) as [Channel, Provider][]).map(
    ([channel, provider]) => [channel, over(channel, provider)] as const,
  );
  const served = await firstThatServes(inOrder(strategy, Object.fromEntries(offers)), isTheWaysFault);
  const passedOver = served.passedOver.map(({ channel, error }) => ({ channel, why: reasonOf(error) }));
  if (passedOver.length > 0) onFallback({ key: order.key, served: served.channel, passedOver });
  return served.answer;
}
