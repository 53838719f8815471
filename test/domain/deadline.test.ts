import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clipWaitMs, composeMs, EXTRAS_IN_ORDER, hasTimeFor } from '../../src/domain/deadline.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const dueIn = (seconds: number) => ({
  deadline: new Date(NOW + seconds * 1000).toISOString(),
  durationSeconds: 10,
});
const leftOutAt = (seconds: number) => EXTRAS_IN_ORDER.filter((extra) => !hasTimeFor(extra, dueIn(seconds), NOW));

const IN_ORDER = [...['clip', 'critic', 'prompt_rewrite', 'still_for_clip', 'shortening', 'similar_pictures', 'draft']];

describe('extras before a deadline', () => {
  it('are all there when there is none, or it is far', () => {
    for (const extra of EXTRAS_IN_ORDER) assert.ok(hasTimeFor(extra, { deadline: null, durationSeconds: 10 }, NOW));
    assert.deepEqual(leftOutAt(3_600), []);
  });

  it('are given up one after the other, always in the same order', () => {
    assert.deepEqual(EXTRAS_IN_ORDER, IN_ORDER);
    let before = 0;
    for (let seconds = 150; seconds >= -10; seconds--) {
      const leftOut = leftOutAt(seconds);
      assert.deepEqual(leftOut, EXTRAS_IN_ORDER.slice(0, leftOut.length), `${seconds} s before`);
      assert.ok(leftOut.length >= before && leftOut.length <= before + 1, 'one at a time');
      before = leftOut.length;
    }
    assert.equal(before, EXTRAS_IN_ORDER.length);
  });

  it('leave the time that composing takes', () => {
    assert.deepEqual(leftOutAt(composeMs(10) / 1000 + 100), []);
    assert.deepEqual(leftOutAt(composeMs(10) / 1000), IN_ORDER.slice(0, 5));
  });

  it('leave a clip that is waited for so much time that a still can yet be made', () => {
    assert.equal(clipWaitMs(600, { deadline: null, durationSeconds: 10 }, NOW), 600_000);
    assert.equal(clipWaitMs(600, dueIn(3_600), NOW), 600_000);
    const wait = clipWaitMs(600, dueIn(composeMs(10) / 1000 + 100), NOW);
    assert.equal(wait, 85_000);
    assert.ok(hasTimeFor('still_for_clip', dueIn(composeMs(10) / 1000 + 100), NOW + wait));
    assert.equal(clipWaitMs(600, dueIn(5), NOW), 0);
  });
});
