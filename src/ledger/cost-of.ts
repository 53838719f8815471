import type { Cost, LedgerLine } from '../domain/ledger-line.ts';
import type { Purchase } from '../domain/purchase.ts';

/** What was paid, or may have been: a refused call costs nothing and has no line. */
export function costOf(purchases: readonly Purchase[], inFilm: (purchase: Purchase) => boolean): Cost {
  const lines = purchases.filter(isPaid).map((purchase): LedgerLine => ({
    sceneId: purchase.key.sceneId,
    purpose: purchase.key.purpose,
    attempt: purchase.attempt,
    provider: purchase.provider,
    channel: purchase.channel,
    model: purchase.model,
    seed: isSeeded(purchase) ? purchase.seed : null,
    promptSha256: purchase.promptSha256,
    units: purchase.units,
    price: purchase.price,
    basis: purchase.basis,
    state: purchase.state !== 'answered' ? 'unknown' : inFilm(purchase) ? 'bought' : 'unused',
    at: purchase.openedAt,
  }));
  lines.sort((a, b) => a.at.localeCompare(b.at));
  return { currency: 'CNY', total: sumOf(lines), lines };
}

/** A picture or clip that was made with the seed of its attempt. Over MCP none is sent with a picture. */
const isSeeded = ({ key: { purpose }, channel }: Purchase): boolean =>
  purpose === 'clip' || (purpose === 'still' && channel === 'http_channel');

export const isPaid = ({ state }: Pick<Purchase, 'state'>): boolean => state !== 'refused';

/** To a millionth of a CNY, as prices are kept: sums of floats stay readable. */
export const sumOf = (paid: readonly { price: number }[]): number =>
  Math.round(paid.reduce((total, { price }) => total + price, 0) * 1e6) / 1e6;
