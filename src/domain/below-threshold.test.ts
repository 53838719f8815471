import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { belowThreshold } from './below-threshold.ts';
import { QUALITY_LIMITS, QualityReport, type SceneQuality } from './quality.ts';

const scene = (sceneId: string, change: Partial<SceneQuality> = {}): SceneQuality => ({
  ...{ sceneId, pictureSource: 'own', narration: 'spoken', narrationTempo: 1.05 },
  ...change,
});
const silent = { narration: 'silent', narrationTempo: null } as const;
const good = {
  loudnessLufs: -14.3,
  truePeakDbtp: -1.4,
  durationErrorMs: 20,
  captionTimingErrorMs: 30,
  scenes: [scene('s1'), scene('s2', { pictureSource: 'uploaded' })],
};

describe('belowThreshold', () => {
  const cases: [string, Partial<typeof good> | Record<string, unknown>, string[]][] = [
    ['a good film', {}, []],
    ['too quiet', { loudnessLufs: -15.2 }, ['loudness']],
    ['too loud', { loudnessLufs: -12.9 }, ['loudness']],
    ['peaks', { truePeakDbtp: -0.9 }, ['true_peak']],
    ['silence', { loudnessLufs: null, truePeakDbtp: null }, []],
    ['another length', { durationErrorMs: 51 }, ['duration']],
    ['late captions', { captionTimingErrorMs: 121 }, ['caption_timing']],
    ['no captions', { captionTimingErrorMs: null }, []],
    ['hurried speech', { scenes: [scene('s1', { narrationTempo: 1.31 })] }, ['narration_tempo']],
    ['a borrowed picture', { scenes: [scene('s1'), scene('s2', { pictureSource: 'neighbour' })] }, ['picture:s2']],
    ['a scene that lost its voice', { scenes: [scene('s1'), scene('s2', silent)] }, ['narration:s2']],
    ['a film asked for without a voice', { scenes: [scene('s1', silent), scene('s2', silent)] }, []],
  ];
  for (const [name, change, expected] of cases) {
    it(`${name}: ${expected.join(', ') || 'nothing to name'}`, () => {
      const measured = { ...good, ...change } as typeof good;
      const named = belowThreshold(measured, QUALITY_LIMITS);
      assert.deepEqual(named, expected);
      QualityReport.parse({ ...measured, belowThreshold: named });
    });
  }
});
