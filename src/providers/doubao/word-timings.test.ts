import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wordTimings } from './word-timings.ts';

describe('wordTimings', () => {
  it('tells seconds from milliseconds by the length of the audio', () => {
    const expected = [{ word: '你', startMs: 95, endMs: 265 }];
    assert.deepEqual(wordTimings([{ word: '你', start: 95, end: 265 }], 1960), expected);
    assert.deepEqual(wordTimings([{ word: '你', start: 0.095, end: 0.265 }], 1960), expected);
  });

  it('sorts, and drops what is not a word', () => {
    const words = [
      { word: '二', start: 0.5, end: 0.7 },
      { word: ' ', start: 0.3, end: 0.5 },
      { word: '一', start: 0.1, end: 0.3 },
    ];
    assert.deepEqual(
      wordTimings(words, 1000).map(({ word }) => word),
      ['一', '二'],
    );
  });

  it('clamps to the audio and to the next word', () => {
    const words = [
      { word: 'a', start: -20, end: 500 },
      { word: 'b', start: 300, end: 250 },
      { word: 'c', start: 600, end: 1900 },
      { word: 'd', start: 1200, end: 2000 },
    ];
    assert.deepEqual(wordTimings(words, 1000), [
      { word: 'a', startMs: 0, endMs: 300 },
      { word: 'b', startMs: 300, endMs: 300 },
      { word: 'c', startMs: 600, endMs: 1000 },
      { word: 'd', startMs: 1000, endMs: 1000 },
    ]);
  });

  it('has nothing to say about nothing', () => {
    assert.deepEqual(wordTimings([], 1000), []);
  });
});
