import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bedForMood } from './bed-for-mood.ts';

describe('bedForMood', () => {
  const cases: [string, string | null, ReturnType<typeof bedForMood>][] = [
    ['清晨的山谷', null, 'calm'],
    ['夏天海滩旅行攻略', null, 'bright'],
    ['秦朝的历史与战争', null, 'deep'],
    ['一杯茶', '赛博朋克', 'deep'],
    ['A birthday party for a puppy', null, 'bright'],
    ['What black holes do to space', null, 'deep'],
    // Parts of other words tell nothing; as many of both tell nothing either.
    ['An extravagant reward for the warden', null, 'calm'],
    ['The history of birthday cake', null, 'calm'],
  ];
  for (const [theme, visualStyle, bed] of cases) {
    it(`${theme}${visualStyle === null ? '' : ` (${visualStyle})`}: ${bed}`, () => {
      assert.equal(bedForMood({ theme, visualStyle }), bed);
    });
  }
});
