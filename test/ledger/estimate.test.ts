import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config.ts';
import { PROMPT_NAMES, type PromptName } from '../../src/domain/prompt-files.ts';
import type { VideoSpec } from '../../src/domain/video-spec.ts';
import { allot, type Wish } from '../../src/ledger/allot.ts';
import { estimateCost, type EstimateTerms } from '../../src/ledger/estimate.ts';
import { specOf as anySpec } from '../activities/workshop.ts';

const { prices } = loadConfig({});
const VIDEO = { video: 'doubao-seedance-1-0-pro-250528', videoFamily: null, embedding: null };
const TERMS: EstimateTerms = {
  ...{ prices, models: { chat: 'doubao-seed-2-0-lite-260428', image: 'doubao-seedream-4-0-250828', ...VIDEO } },
  ...{ critic: false, rewriteRejectedPrompts: false, minRealPictures: 1 },
  promptLength: Object.fromEntries(PROMPT_NAMES.map((name) => [name, 3_000])) as Record<PromptName, number>,
};
const specOf = (change: Partial<VideoSpec> = {}) => anySpec({ language: 'zh', durationSeconds: 30, ...change });
const estimate = (change: Partial<VideoSpec> = {}, terms: Partial<EstimateTerms> = {}) =>
  estimateCost(specOf(change), { ...TERMS, ...terms });
const purposes = ({ lines }: ReturnType<typeof estimate>) => lines.map(({ purpose }) => purpose);
const of = (purpose: string, { lines }: ReturnType<typeof estimate>) => lines.find((line) => line.purpose === purpose);
const own = (sceneId: string, change: object) => ({
  ...{ sceneId, text: null, picture: null, clip: null, narration: null },
  ...change,
});
const ASSET = 'a'.repeat(64);

describe('an estimate', () => {
  it('has a picture a scene, at the price of the model', () => {
    const reckoned = estimate();
    assert.equal(reckoned.scenes, 6);
    assert.deepEqual(of('still', reckoned)?.expected, { calls: 6, units: { images: 6 }, price: 1.2 });
    assert.ok(reckoned.expected > 1.2 && reckoned.expected < 1.4, String(reckoned.expected));
  });

  it('has an embedding a picture, where they are bought, and sets money aside for it with the picture', () => {
    assert.equal(of('embedding', estimate()), undefined);
    const models = { ...TERMS.models, embedding: 'doubao-embedding-vision-250615' };
    const line = of('embedding', estimate({}, { models }));
    assert.deepEqual([line?.expected.calls, line?.atMost.calls], [6, 6]);
    assert.ok(line!.expected.price < line!.atMost.price && line!.atMost.price < 0.01, JSON.stringify(line));
    assert.equal(of('embedding', estimate({ assetType: 'text_to_video' }, { models }))?.expected.calls, 0);
    // What is left for it all when the pictures alone are reckoned does not reach for both.
    const spared = estimate().lines.filter(({ purpose }) => purpose === 'script' || purpose === 'narration');
    const maxCost = 1.201 + spared.reduce((sum, { expected }) => sum + expected.price, 0);
    assert.deepEqual(estimate({ maxCost }).maxCost?.leftOut, []);
    assert.equal(estimate({ maxCost }, { models }).maxCost?.leftOut.length, 1);
  });

  it('is the sum of its lines, and twice the most were every answer lost', () => {
    const { lines, expected, atMost, atMostWithLostAnswers } = estimate();
    const sum = (prices: number[]) => Math.round(prices.reduce((a, b) => a + b, 0) * 1e6) / 1e6;
    assert.equal(expected, sum(lines.map((line) => line.expected.price)));
    assert.equal(atMost, sum(lines.map((line) => line.atMost.price)));
    assert.equal(atMostWithLostAnswers, sum([atMost, atMost]));
    for (const line of lines) assert.ok(line.expected.price <= line.atMost.price, line.purpose);
  });

  it('counts what is brought as nothing', () => {
    const all = ['s1', 's2', 's3', 's4', 's5', 's6'];
    const brought = estimate({
      ownMaterial: all.map((id) => own(id, { text: 'x', picture: ASSET, narration: ASSET })),
    });
    assert.deepEqual(purposes(brought), ['script', 'script_repair']);
    const clips = estimate({ ownMaterial: [own('s1', { clip: ASSET })] });
    assert.equal(of('still', clips)?.expected.calls, 5);
  });

  it('counts own words as they are, and never shortens them', () => {
    const words = '一'.repeat(100);
    const all = ['s1', 's2', 's3', 's4', 's5', 's6'].map((id) => own(id, { text: words }));
    const reckoned = estimate({ ownMaterial: all });
    assert.equal(of('narration', reckoned)?.expected.units['characters'], 600);
    assert.equal(of('narration', reckoned)?.atMost.units['characters'], 600);
    assert.equal(of('narration_retake', reckoned), undefined);
  });

  it('has no voice where none is wanted', () => {
    assert.deepEqual(purposes(estimate({ enableTts: false })), ['script', 'script_repair', 'still']);
  });

  it('has the critic, and the rewriting of prompts, where they are on', () => {
    const reckoned = estimate({}, { critic: true, rewriteRejectedPrompts: true });
    assert.equal(of('script_critique', reckoned)?.expected.calls, 1);
    assert.deepEqual(
      [of('prompt_rewrite', reckoned)?.expected.calls, of('prompt_rewrite', reckoned)?.atMost.calls],
      [0, 6],
    );
  });

  it('says what max_cost means', () => {
    assert.equal(estimate().maxCost, null);
    assert.deepEqual(estimate({ maxCost: 100 }).maxCost, { limit: 100, outcome: 'complete', sure: true, leftOut: [] });
    const half = estimate({ maxCost: 0.7 }).maxCost;
    assert.equal(half?.outcome, 'partial');
    assert.deepEqual(
      half?.leftOut.map(({ sceneId, what }) => `${sceneId} ${what}`),
      ['s4 picture', 's5 picture', 's6 picture'],
    );
    assert.equal(estimate({ maxCost: 0.1 }).maxCost?.outcome, 'failed', 'not even one picture');
    assert.equal(estimate({ maxCost: 0.001 }).maxCost?.outcome, 'failed', 'not even a script');
  });
});

describe('an estimate of a film of clips', () => {
  const assetType = 'text_to_video' as const;

  it('has a clip a scene at its size and length, and no still unless a clip is lost', () => {
    const reckoned = estimate({ assetType });
    // Six scenes of five seconds and a crossfade: 480×864, six seconds each.
    const tokens = 6 * Math.round((480 * 864 * (24 * 6 + 1)) / 1024);
    assert.deepEqual(of('clip', reckoned)?.expected, {
      ...{ calls: 6, units: { video_tokens: tokens }, price: Math.round(tokens * 15) / 1e6 },
    });
    assert.deepEqual([of('still', reckoned)?.expected.calls, of('still', reckoned)?.atMost.calls], [0, 6]);
    assert.ok((of('clip', reckoned)?.atMost.price ?? 0) > (of('clip', reckoned)?.expected.price ?? Infinity));
  });

  it('says how many of them max_cost leaves', () => {
    const one = (of('clip', estimate({ assetType }))?.expected.price ?? 0) / 6;
    const forecast = estimate({ assetType, maxCost: 1.5 + 2 * (one - 0.2) }).maxCost;
    assert.equal(forecast?.outcome, 'partial');
    assert.deepEqual(
      forecast?.leftOut.map(({ sceneId, what }) => `${sceneId} ${what}`),
      ['s3 clip', 's4 clip', 's5 clip', 's6 clip'],
    );
    assert.equal(estimate({ assetType, maxCost: 100 }).maxCost?.outcome, 'complete');
  });
});

describe('what a limited sum is spent on', () => {
  const wishes = (stills: number, narrations: number): Wish[] => [
    ...Array.from({ length: stills }, (_, n) => ({ sceneId: `s${n + 1}`, purpose: 'still' as const, price: 0.2 })),
    ...Array.from({ length: narrations }, (_, n) => ({
      sceneId: `s${n + 1}`,
      purpose: 'narration' as const,
      price: 0.01,
    })),
  ];
  const left = (budget: number, pictures = 1) => {
    const { sufficient, leftOut } = allot(budget, wishes(3, 3), { pictures });
    return sufficient ? leftOut.map(({ sceneId, purpose }) => `${sceneId} ${purpose}`) : 'nothing';
  };

  it('is the needed picture, then the voices, then the other pictures, in the film’s order', () => {
    assert.equal(left(0.19), 'nothing');
    assert.deepEqual(left(0.2), ['s1 narration', 's2 narration', 's3 narration', 's2 still', 's3 still']);
    assert.deepEqual(left(0.22), ['s3 narration', 's2 still', 's3 still']);
    assert.deepEqual(left(0.43), ['s3 still']);
    assert.deepEqual(left(0.63), []);
  });

  it('is clips with what is left when no scene goes without, and never a clip for another’s picture', () => {
    const moving = wishes(3, 1).map((wish) => (wish.purpose === 'still' ? { ...wish, clipPrice: 0.9 } : wish));
    const asStills = (budget: number) => allot(budget, moving, { pictures: 1 }).asStills.map(({ sceneId }) => sceneId);
    assert.deepEqual(asStills(0.61), ['s1', 's2', 's3']);
    assert.deepEqual(asStills(1.31), ['s2', 's3']);
    assert.deepEqual(asStills(2.71), []);
    assert.deepEqual(left(0.43), ['s3 still'], 'stills as before');
  });

  it('begins with as many pictures as a film needs', () => {
    assert.equal(left(0.39, 2), 'nothing');
    assert.deepEqual(left(0.4, 2), ['s1 narration', 's2 narration', 's3 narration', 's3 still']);
    assert.equal(left(10, 4), 'nothing', 'more than there are');
    assert.deepEqual(left(0.03, 0), ['s1 still', 's2 still', 's3 still'], 'all that is needed is brought');
  });
});
