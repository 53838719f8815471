import { hexId, type MediaMaterial, type Script, type Segment, type Track } from './script.ts';

/** Apps' machines are named in their drafts, and so in templates made from them. */
const PLATFORM = {
  ...{ app_id: 359289, app_source: 'cc', app_version: '6.5.0', os: 'mac', os_version: '15.5' },
  ...{ device_id: 'c4ca4238a0b923820dcc509a6f75849b', hard_disk_id: '', mac_address: 'c3371f2d4fb02791' },
};

const EMPTY = [
  ...['ai_translates', 'audio_balances', 'audio_effects', 'audio_fades', 'audio_track_indexes', 'beats', 'canvases'],
  ...['chromas', 'color_curves', 'common_mask', 'digital_humans', 'drafts', 'effects', 'flowers', 'green_screens'],
  ...['handwrites', 'hsl', 'images', 'log_color_wheels', 'loudnesses', 'manual_deformations', 'material_animations'],
  ...['material_colors', 'multi_language_refs', 'placeholders', 'plugin_effects', 'primary_color_wheels'],
  ...['realtime_denoises', 'shapes', 'smart_crops', 'smart_relights', 'sound_channel_mappings', 'tail_leaders'],
  ...['text_templates', 'time_marks', 'video_trackings', 'vocal_beautifys', 'vocal_separations'],
];

/** The draft's JSON, always of thirty frames a second and of the same id. */
export function contentOf(script: Script): object {
  const tracks = [...script.tracks.values()].sort((one, other) => one.layer - other.layer);
  return {
    ...{ id: '91E08AC5-22FB-47e2-9AA0-7DC300FAEA2B', name: '', version: 360_000, new_version: '138.0.0' },
    ...{ fps: 30, duration: script.duration, create_time: 0, update_time: 0, color_space: 0, source: 'default' },
    canvas_config: { width: script.width, height: script.height, ratio: 'original', background: null },
    config: { maintrack_adsorb: true, video_mute: false, material_save_mode: 0, subtitle_sync: true },
    ...{ platform: PLATFORM, last_modified_platform: PLATFORM, render_index_track_mode_on: true },
    ...{ keyframe_graph_list: [], relationships: [], cover: null, extra_info: null, group_container: null },
    keyframes: {
      adjusts: [],
      audios: [],
      effects: [],
      filters: [],
      handwrites: [],
      stickers: [],
      texts: [],
      videos: [],
    },
    materials: {
      ...Object.fromEntries(EMPTY.map((section) => [section, []])),
      videos: script.media.filter(({ kind }) => kind !== 'audio').map(videoOf),
      audios: script.media.filter(({ kind }) => kind === 'audio').map(audioOf),
      ...{ texts: script.texts, speeds: script.speeds, transitions: script.transitions },
      ...{ video_effects: script.effects, stickers: script.stickers },
    },
    tracks: tracks.map(trackOf),
  };
}

const CORNERS = { upper_left: [0, 0], upper_right: [1, 0], lower_left: [0, 1], lower_right: [1, 1] };

const videoOf = ({ id, kind, name, url, path, duration, width, height }: MediaMaterial): object => ({
  ...{ id, material_id: id, local_material_id: '', type: kind, material_name: name, path, remote_url: url },
  ...{ duration, width, height, category_id: '', category_name: 'local', check_flag: 63_487, media_path: '' },
  ...{ audio_fade: null, crop_ratio: 'free', crop_scale: 1 },
  crop: Object.fromEntries(
    Object.entries(CORNERS).flatMap(([corner, [x, y]]) => [
      [`${corner}_x`, x],
      [`${corner}_y`, y],
    ]),
  ),
});

const audioOf = ({ id, name, url, path, duration }: MediaMaterial): object => ({
  ...{ id, local_material_id: id, music_id: id, type: 'extract_music', name, path, remote_url: url, duration },
  ...{ app_id: 0, category_id: '', category_name: 'local', check_flag: 1, copyright_limit_type: 'none' },
  ...{ effect_id: '', formula_id: '', source_platform: 0, wave_points: [] },
});

const trackOf = ({ id, type, name, layer, segments }: Track): object => ({
  ...{ id, type, name, attribute: 0, flag: 0, is_default_name: name.length === 0 },
  segments: segments.map((segment) => ({ ...segmentJson(segment), render_index: layer })),
});

function segmentJson({ id, type, material, target, source, speed, volume, refs, clip, keyframes }: Segment): object {
  return {
    ...{
      id,
      material_id: material,
      target_timerange: target,
      ...(type === 'effect' ? {} : { source_timerange: source }),
    },
    ...{ extra_material_refs: refs, speed, volume, last_nonzero_volume: 1, reverse: false, visible: true },
    clip:
      clip === null
        ? null
        : {
            ...{ alpha: clip.alpha, rotation: clip.rotation, flip: { horizontal: false, vertical: false } },
            ...{ scale: { x: clip.scaleX, y: clip.scaleY }, transform: { x: clip.x, y: clip.y } },
          },
    ...(clip === null ? {} : { uniform_scale: { on: true, value: 1 } }),
    ...{ hdr_settings: type === 'audio' ? null : { intensity: 1, mode: 1, nits: 1000 }, track_render_index: 0 },
    common_keyframes: [...keyframes].map(([property, list]) => ({
      ...{ id: hexId(), material_id: '', property_type: property },
      keyframe_list: list.map(({ offset, value }) => ({
        ...{ id: hexId(), curveType: 'Line', graphID: '', left_control: { x: 0, y: 0 }, right_control: { x: 0, y: 0 } },
        ...{ time_offset: offset, values: [value] },
      })),
    })),
    keyframe_refs: [],
  };
}
