import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadConfig } from '../../src/config.ts';
import { chatPrice, imagePrice, speechPrice } from '../../src/ledger/prices.ts';

describe('prices of the table that comes with the product', () => {
  const { prices, ark } = loadConfig({});

  it('are by a million tokens, by picture, and by ten thousand characters', () => {
    assert.deepEqual(chatPrice(prices, ark.chatModel, { inputTokens: 1_000_000, outputTokens: 500_000 }), {
      units: { input_tokens: 1_000_000, output_tokens: 500_000 },
      price: 2.4,
    });
    assert.deepEqual(imagePrice(prices, ark.imageModel, 3), { units: { images: 3 }, price: 0.6 });
    assert.deepEqual(speechPrice(prices, 'seed-tts-2.0', 100), { units: { characters: 100 }, price: 0.03 });
  });

  it('have a default for a model that the table does not name', () => {
    assert.equal(imagePrice(prices, 'ep-20260101-abcde', 1).price, 0.25);
    assert.equal(speechPrice(prices, 'volcano_tts', 10_000).price, 5);
    assert.equal(chatPrice(prices, 'ep-x', { inputTokens: 0, outputTokens: 1_000_000 }).price, 3.6);
  });

  it('are never negative, nor finer than a millionth', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (inputTokens, outputTokens) => {
        const { price } = chatPrice(prices, ark.chatModel, { inputTokens, outputTokens });
        assert.ok(price >= 0);
        assert.equal(price, Number(price.toFixed(6)));
      }),
    );
  });
});
