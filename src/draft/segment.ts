import type { Clip, Keyframe, KeyframeProperty, Material, Segment, TimeRange, Track } from './format.ts';
import type { IdOf } from './ids.ts';

interface SegmentParts {
  id: string;
  materialId: string;
  target: TimeRange;
  source: TimeRange | null;
  refs: string[];
  clip: Clip | null;
  keyframes?: readonly unknown[];
  speed?: number;
  volume?: number;
}

/** A segment with the constants that the apps write on every one. */
export function segmentOf(parts: SegmentParts): Segment {
  const { volume = 1, speed = 1 } = parts;
  return {
    id: parts.id,
    material_id: parts.materialId,
    target_timerange: parts.target,
    source_timerange: parts.source,
    extra_material_refs: parts.refs,
    clip: parts.clip,
    speed,
    volume,
    last_nonzero_volume: volume > 0 ? volume : 1,
    // Tempo changes keep the pitch, as in the film.
    is_tone_modify: false,
    common_keyframes: [...(parts.keyframes ?? [])],
    render_index: 0,
    track_render_index: 0,
    track_attribute: 0,
    keyframe_refs: [],
    visible: true,
    reverse: false,
    enable_adjust: true,
    enable_color_correct_adjust: false,
    enable_color_curves: true,
    enable_color_match_adjust: false,
    enable_color_wheels: true,
    enable_lut: true,
    enable_smart_color_adjust: false,
    ...(parts.clip === null ? { hdr_settings: null } : { uniform_scale: { on: true, value: 1 } }),
    ...(parts.clip === null || parts.source === null ? {} : { hdr_settings: { intensity: 1, mode: 1, nits: 1000 } }),
  };
}

export const clipOf = ({ scale, x, y }: { scale: number; x: number; y: number }): Clip => ({
  alpha: 1,
  rotation: 0,
  flip: { horizontal: false, vertical: false },
  scale: { x: scale, y: scale },
  transform: { x, y },
});

export const trackOf = (
  type: Track['type'],
  { name, segments, idOf }: { name: string; segments: Segment[]; idOf: IdOf },
): Track => ({
  id: idOf('track', name),
  type,
  name,
  segments,
  attribute: 0,
  flag: 0,
  is_default_name: false,
});

export const speedOf = (id: string, speed: number): Material => ({
  id,
  type: 'speed',
  mode: 0,
  speed,
  curve_speed: null,
});

/** One property's course over a segment; between keyframes the apps go straight. */
export function keyframesOf(
  property: KeyframeProperty,
  { id, points }: { id: string; points: readonly Keyframe[] },
): unknown {
  return {
    id,
    material_id: '',
    property_type: property,
    keyframe_list: points.map(({ offsetUs, value }, index) => ({
      id: `${id}-${index}`,
      curveType: 'Line',
      graphID: '',
      left_control: { x: 0, y: 0 },
      right_control: { x: 0, y: 0 },
      time_offset: offsetUs,
      values: [value],
    })),
  };
}
