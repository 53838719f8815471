import type { Timeline } from '../timeline/timeline.ts';
import type { Layer, Material } from './format.ts';
import type { IdOf } from './ids.ts';
import type { DraftMedia } from './media.ts';
import { segmentOf, speedOf, trackOf } from './segment.ts';
import { soundOf } from './sound-material.ts';
import { linearVolume } from './volume.ts';

/** The narrations at their places, in the film's tempo and volume. */
export function narrationLayer(
  { tracks }: Timeline,
  { media, placedAt, idOf }: { media: DraftMedia; placedAt: string; idOf: IdOf },
): Layer {
  const materials = { audios: [] as Material[], speeds: [] as Material[] };
  const segments = tracks.narration.map((narration, index) => {
    const material = soundOf(media.narration[index]!, { placedAt, idOf });
    const speed = speedOf(idOf('speed', 'narration', index), narration.tempo);
    materials.audios.push(material);
    materials.speeds.push(speed);
    return segmentOf({
      id: idOf('segment', 'narration', index),
      materialId: material.id,
      target: { start: narration.startUs, duration: narration.durationUs },
      source: { start: 0, duration: playedUs(narration) },
      refs: [speed.id],
      clip: null,
      speed: narration.tempo,
      volume: linearVolume(narration.volumeDb),
    });
  });
  return { track: trackOf('audio', { name: 'narration', segments, idOf }), materials };
}

/** How much of the file is played, in the file's own time: silence behind the speech included. */
export const playedUs = ({ durationUs, tempo }: { durationUs: number; tempo: number }): number =>
  Math.round(durationUs * tempo);
