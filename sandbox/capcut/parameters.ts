import { CapcutError } from './script.ts';

/** What each tool's function takes, with the function's own defaults; undefined: it must be given. Over MCP these hold. */
const COMMON = { draft_id: null, width: 1080, height: 1920 };
const CLIP = { transform_x: 0, transform_y: 0, scale_x: 1, scale_y: 1 };
const MASK = {
  ...{ mask_type: null, mask_center_x: 0.5, mask_center_y: 0.5, mask_size: 1, mask_rotation: 0, mask_feather: 0 },
  ...{ mask_invert: false, mask_rect_width: null, mask_round_corner: null },
};
const SHOW = { draft_folder: null, ...CLIP, relative_index: 0, ...MASK, background_blur: null };
const TRANSITION = { transition: null, transition_duration: 0.5 };
const BACKGROUND = {
  ...{ background_color: '#000000', background_style: 1, background_alpha: 0, background_round_radius: 0 },
  ...{ background_height: 0.14, background_width: 0.14 },
  ...{ background_horizontal_offset: 0.5, background_vertical_offset: 0.5 },
};
const BORDER = { border_alpha: 1, border_color: '#000000', border_width: 0 };
const SHADOW = {
  ...{ shadow_enabled: false, shadow_alpha: 0.9, shadow_angle: -45, shadow_color: '#000000' },
  ...{ shadow_distance: 5, shadow_smoothing: 0.15 },
};
const ANIMATIONS = { intro_animation: null, intro_duration: 0.5, outro_animation: null, outro_duration: 0.5 };
const EFFECTS = { bubble_effect_id: null, bubble_resource_id: null, effect_effect_id: null };

export const FUNCTIONS = {
  add_video: {
    ...{ video_url: undefined, ...COMMON, ...SHOW, start: 0, end: null, target_start: 0, speed: 1, volume: 1 },
    ...{ track_name: 'main', duration: null, ...TRANSITION },
  },
  add_image: {
    ...{ image_url: undefined, ...COMMON, ...SHOW, start: 0, end: 3, track_name: 'main', ...TRANSITION },
    ...{ mask_center_x: 0, mask_center_y: 0, mask_size: 0.5, animation: null, animation_duration: 0.5 },
    ...{ intro_animation: null, intro_animation_duration: 0.5, outro_animation: null, outro_animation_duration: 0.5 },
    ...{ combo_animation: null, combo_animation_duration: 0.5 },
  },
  add_audio: {
    ...{ audio_url: undefined, ...COMMON, draft_folder: null, start: 0, end: null, target_start: 0, volume: 1 },
    ...{ track_name: 'audio_main', speed: 1, sound_effects: null, duration: null },
  },
  add_text: {
    ...{ text: undefined, start: undefined, end: undefined, ...COMMON, transform_y: -0.8, transform_x: 0, font: null },
    ...{ font_color: '#ffffff', font_size: 8, track_name: 'text_main', vertical: false, font_alpha: 1 },
    ...{ ...BORDER, ...BACKGROUND, ...SHADOW, ...EFFECTS, ...ANIMATIONS, fixed_width: -1, fixed_height: -1 },
    text_styles: null,
  },
  add_subtitle: {
    ...{ srt_path: undefined, ...COMMON, track_name: 'subtitle', time_offset: 0, font: null, font_size: 8 },
    ...{ bold: false, italic: false, underline: false, font_color: '#FFFFFF', vertical: true, alpha: 0.4, ...BORDER },
    ...{
      background_color: '#000000',
      background_style: 1,
      background_alpha: 0,
      ...CLIP,
      transform_y: -0.8,
      rotation: 0,
    },
    style_reference: null,
  },
  add_effect: {
    ...{ effect_type: undefined, effect_category: undefined, ...COMMON, start: 0, end: 3 },
    ...{ track_name: 'effect_01', params: null },
  },
  add_sticker: {
    ...{ resource_id: undefined, start: undefined, end: undefined, ...COMMON, ...CLIP, alpha: 1, rotation: 0 },
    ...{ flip_horizontal: false, flip_vertical: false, track_name: 'sticker_main', relative_index: 0 },
  },
  add_video_keyframe: {
    ...{ draft_id: null, track_name: 'main', property_type: 'alpha', time: 0, value: '1.0' },
    ...{ property_types: null, times: null, values: null },
  },
  save_draft: { draft_id: undefined, draft_folder: null },
} satisfies Record<string, Record<string, unknown>>;

export type FunctionName = keyof typeof FUNCTIONS;
export type Values = Record<string, unknown>;

/** As Python calls a function by keywords. @throws CapcutError in its words. */
export function bound(name: FunctionName, given: Values): Values {
  const known: Values = FUNCTIONS[name];
  const called = `${name === 'add_video' || name === 'add_audio' ? `${name}_track` : `${name}_impl`}()`;
  const strange = Object.keys(given).find((key) => !(key in known));
  if (strange !== undefined) throw new CapcutError(`${called} got an unexpected keyword argument '${strange}'`);
  const missing = Object.keys(known).filter((key) => known[key] === undefined && given[key] === undefined);
  if (missing.length > 0)
    throw new CapcutError(
      `${called} missing ${missing.length} required positional argument${missing.length > 1 ? 's' : ''}: ${missing.map((key) => `'${key}'`).join(' and ')}`,
    );
  return { ...known, ...given };
}

/** Where the HTTP server passes on another default than the function has. */
export const HTTP_DEFAULTS: Partial<Record<FunctionName, Values>> = {
  add_video: { end: 0, track_name: 'video_main' },
  add_image: { track_name: 'image_main' },
  add_text: {
    ...{ start: 0, end: 5, transform_y: 0, font: '文轩体', font_color: '#FF0000', background_style: 0 },
  },
  add_subtitle: { font: '思源粗宋', font_size: 5, vertical: false, alpha: 1, background_style: 0 },
  add_effect: { effect_category: 'scene' },
  add_sticker: { start: 0, end: 5 },
  add_video_keyframe: { track_name: 'video_main' },
};

/** The second names that the HTTP server takes, and which function's parameter each is; the former wins. */
export const HTTP_NAMES: Partial<Record<FunctionName, Record<string, string>>> = {
  add_text: { color: 'font_color', size: 'font_size', alpha: 'font_alpha' },
  add_subtitle: { srt: 'srt_path' },
  add_sticker: { sticker_id: 'resource_id' },
};
