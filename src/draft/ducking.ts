import { DUCKING } from '../render/sound.ts';
import { frameOfUs, usOfFrame } from '../timeline/frames.ts';
import type { MusicSegment, NarrationSegment } from '../timeline/timeline.ts';
import { linearVolume } from './volume.ts';

/** A volume at a moment of the film. */
export interface VolumePoint {
  us: number;
  volume: number;
}

/**
 * The film's compressor as an editor's volume curve: down when a narration begins, up again after it, at the
 * compressor's own speeds. `speechDb` is the level of the speech in dB of full scale.
 */
export function duckedVolume(
  music: MusicSegment,
  { narration, speechDb, fps }: { narration: readonly NarrationSegment[]; speechDb: number | null; fps: number },
): VolumePoint[] {
  const full = linearVolume(music.volumeDb);
  const end = music.startUs + music.durationUs;
  if (!music.ducked || speechDb === null) return [{ us: music.startUs, volume: full }];
  const low = linearVolume(music.volumeDb - duckedByDb(speechDb));
  const frames = (ms: number): number => Math.max(1, Math.round((ms * fps) / 1000));
  const later = (us: number, ms: number): number => usOfFrame(frameOfUs(us, fps) + frames(ms), fps);
  const points = spansOf(narration, later).flatMap(({ startUs, endUs }) => [
    { us: startUs, volume: full },
    { us: later(startUs, DUCKING.attackMs), volume: low },
    { us: endUs, volume: low },
    { us: later(endUs, DUCKING.releaseMs), volume: full },
  ]);
  const heard = points.filter(({ us }) => us <= end);
  return heard.length === 0 ? [{ us: music.startUs, volume: full }] : heard;
}

/** Above the threshold, the compressor takes all but one `ratio`th of each decibel. */
export function duckedByDb(speechDb: number): number {
  const above = speechDb - 20 * Math.log10(DUCKING.threshold);
  return Math.max(0, above * (1 - 1 / DUCKING.ratio));
}

/** Narrations with a pause too short for the music to come back are one. */
function spansOf(
  narration: readonly NarrationSegment[],
  later: (us: number, ms: number) => number,
): { startUs: number; endUs: number }[] {
  const spans: { startUs: number; endUs: number }[] = [];
  for (const { startUs, durationUs } of narration) {
    const last = spans.at(-1);
    if (last !== undefined && later(last.endUs, DUCKING.releaseMs) >= startUs) last.endUs = startUs + durationUs;
    else spans.push({ startUs, endUs: startUs + durationUs });
  }
  return spans;
}

/** The volume at a moment; before the first point and after the last it stays. */
export function volumeAt(points: readonly VolumePoint[], us: number): number {
  const next = points.findIndex((point) => point.us >= us);
  if (next === -1) return points.at(-1)!.volume;
  if (next === 0) return points[0]!.volume;
  const [a, b] = [points[next - 1]!, points[next]!];
  return Math.round((a.volume + ((b.volume - a.volume) * (us - a.us)) / (b.us - a.us)) * 1e6) / 1e6;
}
