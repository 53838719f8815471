import { randomUUID } from 'node:crypto';
import { endOf, overlap, type Range } from './time.ts';

/** What the server throws: its text is all that a client is told. */
export class CapcutError extends Error {}

export type TrackType = 'video' | 'audio' | 'text' | 'effect' | 'sticker';

/** Where each kind of track begins to count its layers. */
const LAYERS: Record<TrackType, number> = { video: 0, audio: 0, effect: 10_000, sticker: 14_000, text: 15_000 };

export interface Material {
  id: string;
  [field: string]: unknown;
}

export interface MediaMaterial extends Material {
  kind: 'photo' | 'video' | 'audio';
  name: string;
  url: string;
  /** Where it will lie, when a folder was named. */
  path: string;
  duration: number;
  width: number;
  height: number;
}

export interface Segment {
  id: string;
  type: TrackType;
  material: string;
  target: Range;
  source: Range | null;
  speed: number | null;
  volume: number;
  refs: string[];
  clip: { x: number; y: number; scaleX: number; scaleY: number; rotation: number; alpha: number } | null;
  keyframes: Map<string, { offset: number; value: number }[]>;
}

interface PendingKeyframe {
  property: string;
  time: number;
  value: string;
}

export interface Track {
  id: string;
  type: TrackType;
  name: string;
  layer: number;
  segments: Segment[];
  pending: PendingKeyframe[];
}

export const hexId = (): string => randomUUID().replaceAll('-', '');

/** One draft in the server's memory. */
export class Script {
  readonly width: number;
  readonly height: number;
  duration = 0;
  readonly tracks = new Map<string, Track>();
  readonly media: MediaMaterial[] = [];
  readonly texts: Material[] = [];
  readonly speeds: Material[] = [];
  readonly transitions: Material[] = [];
  readonly effects: Material[] = [];
  readonly stickers: Material[] = [];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }

  /** A track of that name is taken as it is, whatever its type. */
  addTrack(type: TrackType, name: string | null, relativeIndex = 0): void {
    if (name === null && [...this.tracks.values()].some((track) => track.type === type))
      throw new CapcutError(`'Track_type.${type}' 类型的轨道已存在, 请为新轨道指定名称以避免混淆`);
    const called = name ?? type;
    if (this.tracks.has(called)) return;
    const layer = LAYERS[type] + relativeIndex;
    this.tracks.set(called, { id: hexId(), type, name: called, layer, segments: [], pending: [] });
  }

  /** The empty main track: made beside the first video track; with exactly one, the look for it breaks, and says nothing. */
  addMainTrack(): void {
    const count = [...this.tracks.values()].filter(({ type }) => type === 'video').length;
    if (count === 0) this.addTrack('video', null);
    if (count === 1) throw new CapcutError('');
  }

  add(segment: Segment, trackName: string): void {
    const track = this.tracks.get(trackName);
    if (track === undefined) throw new CapcutError(`不存在名为 '${trackName}' 的轨道`);
    if (track.type !== segment.type)
      throw new CapcutError(`New segment (${segment.type}) is not of the same type as the track (${track.type})`);
    const { start, duration } = segment.target;
    if (track.segments.some(({ target }) => overlap(target, segment.target)))
      throw new CapcutError(`New segment overlaps with existing segment [start: ${start}, end: ${start + duration}]`);
    track.segments.push(segment);
    this.duration = Math.max(this.duration, start + duration);
  }

  /** The same URL is the same material. */
  addMedia(material: MediaMaterial): void {
    if (!this.media.some(({ id }) => id === material.id)) this.media.push(material);
  }

  /** The length of a material is not what was said: its segments are cut, or grow. */
  remeasure(material: MediaMaterial): void {
    for (const segment of [...this.tracks.values()].flatMap(({ segments }) => segments)) {
      if (segment.material !== material.id || segment.source === null) continue;
      const end = endOf(segment.source);
      if (end <= material.duration && end > 0) continue;
      const duration = material.duration - segment.source.start;
      if (duration <= 0) continue;
      segment.source = { start: segment.source.start, duration };
      segment.target = { start: segment.target.start, duration: Math.trunc(duration / (segment.speed ?? 1)) };
    }
  }

  /** What saving does to the tracks once the media are measured. */
  settle(): void {
    for (const track of this.tracks.values()) {
      track.segments = track.segments.filter(
        ({ target }, index, all) => !all.slice(0, index).some((earlier) => overlap(earlier.target, target)),
      );
    }
    this.duration = Math.max(
      0,
      ...[...this.tracks.values()].flatMap(({ segments }) => segments.map(({ target }) => endOf(target))),
    );
    for (const track of this.tracks.values()) {
      for (const keyframe of track.pending) place(track, keyframe);
      track.pending = [];
    }
  }
}

/** A moment that ends one segment and begins the next is the earlier one's; whatever does not fit is left out. */
function place({ segments }: Track, { property, time, value }: PendingKeyframe): void {
  const at = Math.trunc(time * 1_000_000);
  const segment = segments.find(({ target }) => target.start <= at && at <= endOf(target));
  const type = KEYFRAMES[property];
  // A sound's keyframes take other arguments than it is given.
  if (segment === undefined || type === undefined || segment.type === 'audio') return;
  const list = segment.keyframes.get(type) ?? [];
  list.push({ offset: at - segment.target.start, value: keyframeValue(property, value) });
  segment.keyframes.set(
    type,
    list.sort((one, other) => one.offset - other.offset),
  );
}

export const KEYFRAMES: Record<string, string> = {
  position_x: 'KFTypePositionX',
  position_y: 'KFTypePositionY',
  rotation: 'KFTypeRotation',
  scale_x: 'KFTypeScaleX',
  scale_y: 'KFTypeScaleY',
  uniform_scale: 'KFTypeScaleX',
  alpha: 'KFTypeAlpha',
  saturation: 'KFTypeSaturation',
  contrast: 'KFTypeContrast',
  brightness: 'KFTypeBrightness',
  volume: 'KFTypeVolume',
};

/** @throws CapcutError for what is no number. */
export function keyframeValue(property: string, value: unknown): number {
  const text = String(value);
  const percent = (property === 'alpha' || property === 'volume') && text.endsWith('%');
  const bare = percent ? text.slice(0, -1) : property === 'rotation' ? text.replace(/deg$/, '') : text;
  const number = bare.trim() === '' ? NaN : Number(bare);
  if (Number.isNaN(number)) throw new CapcutError(`Invalid value format: ${text}`);
  if (property.startsWith('position_') && Math.abs(number) > 10) throw new CapcutError(`Invalid value format: ${text}`);
  return percent ? number / 100 : number;
}
