import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { spokenLength } from '../../src/domain/language.ts';
import { planRewrite } from '../../src/domain/rewrite-plan.ts';
import { pace } from '../../src/timeline/pacing.ts';

const NATURAL_TEMPO = 1.2;

const film = fc.record({
  durationSeconds: fc.integer({ min: 5, max: 180 }),
  fps: fc.constantFrom(24, 25, 30, 60),
  /** Seconds of speech for each second of the film, and how it is shared out. */
  fullness: fc.double({ min: 0.5, max: 1.6, noNaN: true }),
  shares: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 36 }),
});

function scenesOf({
  durationSeconds,
  fullness,
  shares,
}: {
  durationSeconds: number;
  fullness: number;
  shares: number[];
}) {
  const all = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share, index) => ({
    sceneId: `s${index + 1}`,
    text: '字'.repeat(share * 20),
    durationMs: Math.round((durationSeconds * 1000 * fullness * share) / all),
  }));
}

/** What the timeline would do; null where it refuses. */
function tempoOf(scenes: { durationMs: number }[], { durationSeconds, fps }: { durationSeconds: number; fps: number }) {
  const speeches = scenes.map(({ durationMs }) => ({ frames: (durationMs * fps) / 1000, spoken: true }));
  try {
    return pace(speeches, { totalFrames: durationSeconds * fps, fps }).tempo;
  } catch {
    return Infinity;
  }
}

describe('planRewrite', () => {
  it('asks for shorter lines exactly when the timeline would have to hurry them', () => {
    fc.assert(
      fc.property(film, (given) => {
        const scenes = scenesOf(given);
        const tempo = tempoOf(scenes, given);
        // At the very edge the timeline's own rounding decides.
        fc.pre(Math.abs(tempo - NATURAL_TEMPO) > 0.001);
        const plan = planRewrite({ ...given, language: 'zh', scenes });
        assert.equal(plan !== null, tempo > NATURAL_TEMPO, `tempo ${tempo}`);
      }),
      { numRuns: 500 },
    );
  });

  it('asks for enough: lines of the lengths asked for fit at a natural tempo', () => {
    fc.assert(
      fc.property(film, (given) => {
        const scenes = scenesOf(given);
        const plan = planRewrite({ ...given, language: 'zh', scenes });
        fc.pre(plan !== null);
        const most = new Map(plan.map(({ sceneId, maxLength }) => [sceneId, maxLength]));
        const shortened = scenes.map((scene) => {
          const length = spokenLength(scene.text, 'zh');
          return { durationMs: (scene.durationMs * (most.get(scene.sceneId) ?? length)) / length };
        });
        assert.ok(tempoOf(shortened, given) <= NATURAL_TEMPO + 0.001);
      }),
    );
  });

  const LONG = { durationSeconds: 15, fps: 30, language: 'en' };
  const line = (words: number) => Array.from({ length: words }, (_, index) => `word${index}`).join(' ');
  const scene = (sceneId: string, durationMs: number | null, more: { fixed?: boolean } = {}) => {
    return { sceneId, text: line(20), durationMs, ...more };
  };

  it('takes the longest line alone when that will do', () => {
    const plan = planRewrite({ ...LONG, scenes: [scene('s1', 4_000), scene('s2', 9_000), scene('s3', 4_000)] });
    assert.deepEqual(
      plan?.map(({ sceneId }) => sceneId),
      ['s2'],
    );
    assert.ok(plan[0]!.maxLength >= 12 && plan[0]!.maxLength < 20);
  });

  it('takes more of them, in the film’s order, rather than ruin one', () => {
    const plan = planRewrite({ ...LONG, scenes: [scene('s1', 8_000), scene('s2', 7_000), scene('s3', 6_900)] });
    assert.deepEqual(
      plan?.map(({ sceneId }) => sceneId),
      ['s1', 's2', 's3'],
    );
    assert.equal(new Set(plan.map(({ maxLength }) => maxLength)).size, 1);
  });

  it('leaves alone what is fixed, silent, or has nothing to shorten', () => {
    const scenes = [scene('s1', 9_000, { fixed: true }), scene('s2', null), scene('s3', 6_000)];
    assert.deepEqual(
      planRewrite({ ...LONG, scenes })?.map(({ sceneId }) => sceneId),
      ['s3'],
    );
    assert.equal(planRewrite({ ...LONG, scenes: [scene('s1', 60_000, { fixed: true })] }), null);
    assert.equal(planRewrite({ ...LONG, scenes: [{ sceneId: 's1', text: 'word', durationMs: 60_000 }] }), null);
    assert.equal(planRewrite({ ...LONG, scenes: [scene('s1', null), scene('s2', null)] }), null);
    assert.equal(planRewrite({ ...LONG, scenes: [] }), null);
  });
});
