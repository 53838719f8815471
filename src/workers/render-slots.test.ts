import assert from 'node:assert/strict';
import { it } from 'node:test';
import { renderSlotsOf } from './render-slots.ts';

it('a worker renders as many films at once as its cores and its memory bear, and always one', () => {
  const slots = (cores: number, gib: number) => renderSlotsOf({ cores, memoryBytes: gib * 2 ** 30 });
  assert.deepEqual([slots(1, 1), slots(2, 24), slots(7, 24), slots(8, 24), slots(16, 32)], [1, 1, 1, 2, 4]);
  assert.equal(slots(16, 3), 2, 'memory is short');
});
