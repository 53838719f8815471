import type { Prices } from '../domain/config-files.ts';

/** What a call cost, or will at most: CNY, by the price table of the configuration. */
export interface Price {
  units: Record<string, number>;
  price: number;
}

const MILLION = 1_000_000;
const TEN_THOUSAND = 10_000;
/** A picture's prompt has so many bytes at most (`STORYBOARD_LIMITS`), and no token is less than one. */
export const MOST_EMBEDDED_TOKENS = 900;
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

/** `tokens`: of the text. */
export function embeddingPrice(prices: Prices, model: string, tokens: number): Price {
  const rate = prices.embedding[model] ?? prices.embedding.default;
  return { units: { input_tokens: tokens }, price: rounded((tokens * rate) / MILLION) };
}

/** What is set aside for a picture: with the embedding that it is found by, where one is bought. */
export function stillWithEmbedding(prices: Prices, models: { image: string; embedding: string | null }): number {
  const embedding =
    models.embedding === null ? 0 : embeddingPrice(prices, models.embedding, MOST_EMBEDDED_TOKENS).price;
  return rounded(imagePrice(prices, models.image, 1).price + embedding);
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
