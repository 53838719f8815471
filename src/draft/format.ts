/**
 * The draft's JSON as we write it. Times are whole microseconds, places are in half canvases (x to the right, y up),
 * volumes are linear (1 is as recorded). Source: the format of JianYing 5.9 as pyJianYingDraft 0.3.1 writes it.
 */
export interface TimeRange {
  start: number;
  duration: number;
}

export type KeyframeProperty = 'KFTypePositionX' | 'KFTypePositionY' | 'KFTypeScaleX' | 'KFTypeVolume';

/** One value at one moment after the segment's start. */
export interface Keyframe {
  offsetUs: number;
  value: number;
}

export type Material = { id: string } & Record<string, unknown>;

/** The sections of `materials` that we fill. */
export type FilledSection = 'videos' | 'audios' | 'texts' | 'speeds' | 'transitions' | 'audio_fades';

/** All sections an app looks for; the ones we do not fill stay empty. */
export const SECTIONS = [
  ...['ai_translates', 'audio_balances', 'audio_effects', 'audio_fades', 'audio_track_indexes', 'audios', 'beats'],
  ...['canvases', 'chromas', 'color_curves', 'common_mask', 'digital_humans', 'drafts', 'effects', 'flowers'],
  ...['green_screens', 'handwrites', 'hsl', 'images', 'log_color_wheels', 'loudnesses', 'manual_deformations'],
  ...['masks', 'material_animations', 'material_colors', 'multi_language_refs', 'placeholders', 'plugin_effects'],
  ...['primary_color_wheels', 'realtime_denoises', 'shapes', 'smart_crops', 'smart_relights'],
  ...['sound_channel_mappings', 'speeds', 'stickers', 'tail_leaders', 'text_templates', 'texts', 'time_marks'],
  ...['transitions', 'video_effects', 'video_trackings', 'videos', 'vocal_beautifys', 'vocal_separations'],
];

export interface Clip {
  alpha: number;
  rotation: number;
  flip: { horizontal: boolean; vertical: boolean };
  scale: { x: number; y: number };
  transform: { x: number; y: number };
}

export interface Segment {
  id: string;
  material_id: string;
  target_timerange: TimeRange;
  /** Null for text. */
  source_timerange: TimeRange | null;
  extra_material_refs: string[];
  /** Null for sound. */
  clip: Clip | null;
  speed: number;
  volume: number;
  render_index: number;
  common_keyframes: unknown[];
  [constant: string]: unknown;
}

export interface Track {
  id: string;
  type: 'video' | 'audio' | 'text';
  name: string;
  segments: Segment[];
  attribute: number;
  flag: number;
  is_default_name: boolean;
}

/** A track with the materials its segments name. */
export interface Layer {
  track: Track;
  materials: Partial<Record<FilledSection, Material[]>>;
}
