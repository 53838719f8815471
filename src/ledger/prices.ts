import type { Prices } from '../domain/config-files.ts';

/** What a call cost, or will at most: CNY, by the price table of the configuration. */
export interface Price {
  units: Record<string, number>;
  price: number;
}

const MILLION = 1_000_000;
const TEN_THOUSAND = 10_000;
/** Prices are kept to a millionth of a CNY, so that sums of floats stay readable. */
const rounded = (price: number): number => Math.round(price * MILLION) / MILLION;

export function chatPrice(prices: Prices, model: string, usage: { inputTokens: number; outputTokens: number }): Price {
  const rate = prices.chat[model] ?? prices.chat.default;
  return {
    units: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
    price: rounded(
      (usage.inputTokens * rate.input_per_million + usage.outputTokens * rate.output_per_million) / MILLION,
    ),
  };
}

export function imagePrice(prices: Prices, model: string, images: number): Price {
  return { units: { images }, price: rounded(images * (prices.image[model] ?? prices.image.default)) };
}

/** `tokens` as the provider counts them: width × height × frames / 1024. */
export function clipPrice(prices: Prices, model: string, tokens: number): Price {
  const rate = prices.video[model] ?? prices.video.default;
  return { units: { video_tokens: tokens }, price: rounded((tokens * rate) / MILLION) };
}

export function speechPrice(prices: Prices, model: string, characters: number): Price {
  return {
    units: { characters },
    price: rounded((characters * (prices.speech[model] ?? prices.speech.default)) / TEN_THOUSAND),
  };
}
