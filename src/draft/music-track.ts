import { BED_ROLL_SAMPLES, BED_SAMPLES } from '../render/music-beds.ts';
import type { MusicSegment, Timeline } from '../timeline/timeline.ts';
import { duckedVolume, volumeAt, type Speech, type VolumePoint } from './ducking.ts';
import type { Keyframe, Layer, Material, Segment } from './format.ts';
import type { IdOf } from './ids.ts';
import type { DraftMedia, SoundMedia } from './media.ts';
import { loopPieces, type LoopedFile, type LoopPiece } from './music-loops.ts';
import { keyframesOf, segmentOf, speedOf, trackOf } from './segment.ts';
import { soundOf } from './sound-material.ts';
import { linearVolume } from './volume.ts';

const BED_SAMPLE_RATE = 48_000;

interface MusicOptions {
  media: DraftMedia;
  placedAt: string;
  idOf: IdOf;
}

/** One track for each music of the film: its loops one after another, with fades and the volume lowered under speech. */
export function musicLayers(timeline: Timeline, { media, placedAt, idOf }: MusicOptions): Layer[] {
  return timeline.tracks.music.map((music, index) => {
    const medium = media.music[index]!;
    const material = soundOf(medium, { placedAt, idOf });
    const name = index === 0 ? 'music' : `music ${index + 1}`;
    const pieces = piecesOf(music, { medium, fps: timeline.fps });
    const fades = fadesOf(music, pieces);
    const curve = curveOf(timeline, { music, media, fades });
    const materials = { audios: [material], speeds: [] as Material[], audio_fades: [] as Material[] };
    const segments = pieces.map((piece, turn): Segment => {
      const words = ['music', index, turn];
      const speed = speedOf(idOf('speed', ...words), 1);
      const fade = fadeOf(fades, { first: turn === 0, last: turn === pieces.length - 1, id: idOf('fade', ...words) });
      materials.speeds.push(speed);
      if (fade !== null) materials.audio_fades.push(fade);
      return segmentOf({
        id: idOf('segment', ...words),
        materialId: material.id,
        target: piece.target,
        source: { start: piece.sourceStartUs, duration: piece.target.duration },
        refs: [speed.id, ...(fade === null ? [] : [fade.id])],
        clip: null,
        volume: linearVolume(music.volumeDb),
        keyframes: volumeKeyframes(curve, { piece, id: idOf('keyframes', ...words) }),
      });
    });
    return { track: trackOf('audio', { name, segments, idOf }), materials };
  });
}

/** The playings of a music that fill its span. */
export const piecesOf = (music: MusicSegment, { medium, fps }: { medium: SoundMedia; fps: number }): LoopPiece[] =>
  loopPieces(music, { file: loopOf(music, medium), fps });

/** A bed's file goes on on both sides of its loop; any other file is repeated as a whole. */
function loopOf({ source }: MusicSegment, { durationUs }: SoundMedia): LoopedFile {
  if (source.kind !== 'bed') return { leadUs: 0, loopUs: durationUs, fileUs: durationUs };
  const us = (samples: number): number => (samples * 1_000_000) / BED_SAMPLE_RATE;
  return { leadUs: us(BED_ROLL_SAMPLES), loopUs: us(BED_SAMPLES[source.name]), fileUs: durationUs };
}

interface Fades {
  inUs: number;
  outUs: number;
  /** The last piece is shorter than the fade, which is then part of the volume curve. */
  outInCurve: boolean;
}

function fadesOf({ fadeInUs, fadeOutUs }: MusicSegment, pieces: readonly LoopPiece[]): Fades {
  const [first, last] = [pieces[0], pieces.at(-1)];
  return {
    inUs: Math.min(fadeInUs, first?.target.duration ?? 0),
    outUs: fadeOutUs,
    outInCurve: last !== undefined && last.target.duration < fadeOutUs,
  };
}

function fadeOf(fades: Fades, { first, last, id }: { first: boolean; last: boolean; id: string }): Material | null {
  const inUs = first ? fades.inUs : 0;
  const outUs = last && !fades.outInCurve ? fades.outUs : 0;
  if (inUs === 0 && outUs === 0) return null;
  return { id, type: 'audio_fade', fade_type: 0, fade_in_duration: inUs, fade_out_duration: outUs };
}

function curveOf(
  { tracks, fps }: Timeline,
  { music, media, fades }: { music: MusicSegment; media: DraftMedia; fades: Fades },
): VolumePoint[] {
  const curve = duckedVolume(music, { speech: speechOf(tracks.narration, media), fps });
  if (!fades.outInCurve) return curve;
  const end = music.startUs + music.durationUs;
  const from = end - fades.outUs;
  const faded = curve
    .filter(({ us }) => us > from)
    .map(({ us, volume }) => ({ us, volume: (volume * (end - us)) / fades.outUs }));
  return [
    ...curve.filter(({ us }) => us < from),
    { us: from, volume: volumeAt(curve, from) },
    ...faded.filter(({ us }) => us < end),
    { us: end, volume: 0 },
  ];
}

/** The narrations that can be heard. */
export function speechOf(narration: Timeline['tracks']['narration'], media: DraftMedia): Speech[] {
  return narration.flatMap(({ startUs, durationUs, volumeDb }, index) => {
    const level = media.narration[index]?.levelDb ?? null;
    return level === null ? [] : { startUs, endUs: startUs + durationUs, db: level + volumeDb };
  });
}

function volumeKeyframes(curve: readonly VolumePoint[], { piece, id }: { piece: LoopPiece; id: string }): unknown[] {
  const { start, duration } = piece.target;
  const moments = [
    start,
    ...curve.map(({ us }) => us).filter((us) => us > start && us < start + duration),
    start + duration,
  ];
  const points: Keyframe[] = moments.map((us) => ({ offsetUs: us - start, value: volumeAt(curve, us) }));
  if (curve.length === 1) return [];
  return [keyframesOf('KFTypeVolume', { id, points })];
}
