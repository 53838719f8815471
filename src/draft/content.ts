import type { Timeline } from '../timeline/timeline.ts';
import { SECTIONS, type Layer, type Material, type Track } from './format.ts';
import type { IdOf } from './ids.ts';
import type { DraftMedia } from './media.ts';
import { musicLayers } from './music-track.ts';
import { narrationLayer } from './narration-track.ts';
import { pictureLayer } from './picture-track.ts';
import { textLayer } from './text-layer.ts';
import { wellFormed } from './text-material.ts';
import { textTracks } from './text-tracks.ts';

/** The oldest version that opens plain drafts; newer ones take them and upgrade them. */
const PLATFORM = { app_id: 3704, app_source: 'lv', app_version: '5.9.0', os: 'windows' };

export interface ContentOptions {
  media: DraftMedia;
  /** The draft's folder on the machine that opens it. */
  placedAt: string;
  idOf: IdOf;
}

export interface DraftContent {
  id: string;
  duration: number;
  materials: Record<string, Material[]>;
  tracks: Track[];
  [field: string]: unknown;
}

/** The Timeline as a JianYing/CapCut draft. Pure: the same Timeline and media give the same draft. */
export function draftContent(timeline: Timeline, options: ContentOptions): DraftContent {
  const { canvas, fps, durationUs, title } = timeline;
  // From the back to the front.
  const layers = [
    pictureLayer(timeline, options),
    narrationLayer(timeline, options),
    ...musicLayers(timeline, options),
    ...textTracks(timeline).map((track) => textLayer(track, { canvas, idOf: options.idOf })),
  ].filter(({ track }) => track.segments.length > 0);
  return {
    ...TOP_LEVEL,
    id: options.idOf('content'),
    name: wellFormed(title),
    fps,
    duration: durationUs,
    canvas_config: { width: canvas.width, height: canvas.height, ratio: 'original' },
    materials: materialsOf(layers),
    tracks: layers.map(({ track }, index) => ({
      ...track,
      segments: track.segments.map((segment) => ({ ...segment, render_index: index })),
    })),
  };
}

/** Every section, each material once however many segments show it. */
function materialsOf(layers: readonly Layer[]): Record<string, Material[]> {
  const sections = Object.fromEntries(SECTIONS.map((name) => [name, [] as Material[]]));
  for (const { materials } of layers) {
    for (const [name, added] of Object.entries(materials)) {
      const section = (sections[name] ??= []);
      for (const material of added) if (!section.some(({ id }) => id === material.id)) section.push(material);
    }
  }
  return sections;
}

/** What is the same in every draft. */
const TOP_LEVEL = {
  version: 360_000,
  new_version: '110.0.0',
  source: 'default',
  create_time: 0,
  update_time: 0,
  color_space: 0,
  platform: PLATFORM,
  last_modified_platform: PLATFORM,
  config: {
    // The main track's magnet would close gaps and so move everything behind them.
    maintrack_adsorb: false,
    video_mute: false,
    material_save_mode: 0,
    lyrics_sync: true,
    subtitle_sync: true,
    adjust_max_index: 1,
    combination_max_index: 1,
    extract_audio_last_index: 1,
    original_sound_last_index: 1,
    record_audio_last_index: 1,
    sticker_max_index: 1,
    attachment_info: [],
    lyrics_taskinfo: [],
    subtitle_taskinfo: [],
    system_font_list: [],
    multi_language_list: [],
    multi_language_current: 'none',
    multi_language_main: 'none',
    multi_language_mode: 'none',
    lyrics_recognition_id: '',
    subtitle_recognition_id: '',
    subtitle_keywords_config: null,
    export_range: null,
    zoom_info_params: null,
  },
  keyframes: { adjusts: [], audios: [], effects: [], filters: [], handwrites: [], stickers: [], texts: [], videos: [] },
  keyframe_graph_list: [],
  relationships: [],
  cover: null,
  extra_info: null,
  group_container: null,
  mutable_config: null,
  retouch_cover: null,
  time_marks: null,
  static_cover_image_path: '',
  free_render_index_mode_on: false,
  render_index_track_mode_on: false,
};
