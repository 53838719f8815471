import { DUCKING } from '../render/sound.ts';
import { frameOfUs, usOfFrame } from '../timeline/frames.ts';
import type { MusicSegment } from '../timeline/timeline.ts';
import { linearVolume } from './volume.ts';

/** A volume at a moment of the film. */
export interface VolumePoint {
  us: number;
  volume: number;
}

/** A narration as the compressor hears it. */
export interface Speech {
  startUs: number;
  endUs: number;
  /** Its mean level, in dB of full scale. */
  db: number;
}

/**
 * The film's compressor as an editor's volume curve: down when a narration begins, up again after it, at the
 * compressor's own speeds; down all the time where the pause is too short to come back.
 */
export function duckedVolume(
  music: MusicSegment,
  { speech, fps }: { speech: readonly Speech[]; fps: number },
): VolumePoint[] {
  const full = linearVolume(music.volumeDb);
  const end = music.startUs + music.durationUs;
  const frames = (ms: number): number => Math.max(1, Math.round((ms * fps) / 1000));
  const later = (us: number, ms: number): number => usOfFrame(frameOfUs(us, fps) + frames(ms), fps);
  const points = (music.ducked ? speech : []).flatMap(({ startUs, endUs, db }, index) => {
    const [before, after] = [speech[index - 1], speech[index + 1]];
    const low = linearVolume(music.volumeDb - duckedByDb(db));
    const falls = before === undefined || later(before.endUs, DUCKING.releaseMs) < startUs;
    const rises = after === undefined || later(endUs, DUCKING.releaseMs) < after.startUs;
    return [
      ...(falls ? [{ us: startUs, volume: full }] : []),
      { us: later(startUs, DUCKING.attackMs), volume: low },
      { us: endUs, volume: low },
      ...(rises ? [{ us: later(endUs, DUCKING.releaseMs), volume: full }] : []),
    ];
  });
  const heard = points.filter(({ us }) => us <= end);
  return heard.length === 0 ? [{ us: music.startUs, volume: full }] : heard;
}

/** Above the threshold, the compressor takes all but one `ratio`th of each decibel. */
export function duckedByDb(speechDb: number): number {
  const above = speechDb - 20 * Math.log10(DUCKING.threshold);
  return Math.max(0, above * (1 - 1 / DUCKING.ratio));
}

/** The volume at a moment; before the first point and after the last it stays. */
export function volumeAt(points: readonly VolumePoint[], us: number): number {
  const next = points.findIndex((point) => point.us >= us);
  if (next === -1) return points.at(-1)!.volume;
  if (next === 0) return points[0]!.volume;
  const [a, b] = [points[next - 1]!, points[next]!];
  return Math.round((a.volume + ((b.volume - a.volume) * (us - a.us)) / (b.us - a.us)) * 1e6) / 1e6;
}
