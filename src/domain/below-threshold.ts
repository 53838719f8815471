import type { QUALITY_LIMITS, QualityReport } from './quality.ts';

type Measured = Omit<QualityReport, 'belowThreshold'>;

/** Names what misses its limit. A film in which nothing is spoken was asked for so: its scenes are not named. */
export function belowThreshold(measured: Measured, limits: typeof QUALITY_LIMITS): string[] {
  const { loudnessLufs, truePeakDbtp, durationErrorMs, captionTimingErrorMs, scenes } = measured;
  const { target, tolerance } = limits.loudnessLufs;
  const { least, most } = limits.narrationTempo;
  const spoken = scenes.some(({ narration }) => narration === 'spoken');
  const outside = (tempo: number | null): boolean => tempo !== null && (tempo < least || tempo > most);
  const whole: [string, boolean][] = [
    ['loudness', loudnessLufs !== null && Math.abs(loudnessLufs - target) > tolerance],
    ['true_peak', truePeakDbtp !== null && truePeakDbtp > limits.truePeakDbtp],
    ['duration', durationErrorMs > limits.durationErrorMs],
    ['caption_timing', captionTimingErrorMs !== null && captionTimingErrorMs > limits.captionTimingErrorMs],
    ['narration_tempo', scenes.some(({ narrationTempo }) => outside(narrationTempo))],
  ];
  return [
    ...whole.filter(([, missed]) => missed).map(([name]) => name),
    ...scenes.flatMap(({ sceneId, pictureSource, narration }) => [
      ...(pictureSource === 'own' || pictureSource === 'uploaded' ? [] : [`picture:${sceneId}`]),
      ...(spoken && narration === 'silent' ? [`narration:${sceneId}`] : []),
    ]),
  ];
}
