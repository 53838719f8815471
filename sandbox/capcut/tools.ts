/** The tools as they are published; what is behind them takes more, and has other defaults. */
const NUMBER = { type: 'number' };
const INTEGER = { type: 'integer' };
const STRING = { type: 'string' };
const BOOLEAN = { type: 'boolean' };
const ARRAY = { type: 'array' };

const SIZE = { width: { ...INTEGER, default: 1080 }, height: { ...INTEGER, default: 1920 } };
const PLACE = { transform_x: { ...NUMBER, default: 0 }, transform_y: { ...NUMBER, default: 0 } };
const SCALE = { scale_x: { ...NUMBER, default: 1 }, scale_y: { ...NUMBER, default: 1 } };
const SPAN = { start: NUMBER, end: NUMBER };

const tool = (name: string, properties: Record<string, object>, required?: string[]) => ({
  name,
  description: name,
  inputSchema: { type: 'object', properties, ...(required === undefined ? {} : { required }) },
});

export const TOOLS = [
  tool('create_draft', SIZE),
  tool(
    'add_video',
    {
      ...{
        video_url: STRING,
        draft_id: STRING,
        ...SPAN,
        target_start: NUMBER,
        ...SIZE,
        ...PLACE,
        ...SCALE,
        speed: NUMBER,
      },
      ...{
        track_name: { ...STRING, default: 'main' },
        volume: NUMBER,
        transition: STRING,
        transition_duration: NUMBER,
      },
      ...{ mask_type: STRING, background_blur: INTEGER },
    },
    ['video_url'],
  ),
  tool(
    'add_audio',
    {
      ...{ audio_url: STRING, draft_id: STRING, ...SPAN, target_start: NUMBER, volume: NUMBER, speed: NUMBER },
      ...{ track_name: { ...STRING, default: 'audio_main' }, ...SIZE },
    },
    ['audio_url'],
  ),
  tool(
    'add_image',
    {
      ...{ image_url: STRING, draft_id: STRING, ...SPAN, ...SIZE, ...PLACE, ...SCALE },
      ...{ track_name: { ...STRING, default: 'main' }, intro_animation: STRING, outro_animation: STRING },
      ...{ transition: STRING, mask_type: STRING },
    },
    ['image_url'],
  ),
  tool(
    'add_text',
    {
      ...{ text: STRING, ...SPAN, draft_id: STRING, font_color: { ...STRING, default: '#ffffff' } },
      ...{ font_size: { ...INTEGER, default: 24 }, shadow_enabled: BOOLEAN, shadow_color: STRING },
      ...{ shadow_alpha: NUMBER, shadow_angle: NUMBER, shadow_distance: NUMBER, shadow_smoothing: NUMBER },
      ...{ background_color: STRING, background_alpha: { ...NUMBER, default: 1 }, background_style: INTEGER },
      ...{ background_round_radius: NUMBER, text_styles: ARRAY },
    },
    ['text', 'start', 'end'],
  ),
  tool(
    'add_subtitle',
    {
      ...{ srt_path: STRING, draft_id: STRING, track_name: { ...STRING, default: 'subtitle' }, time_offset: NUMBER },
      ...{ font: STRING, font_size: NUMBER, font_color: STRING, bold: BOOLEAN, italic: BOOLEAN, underline: BOOLEAN },
      ...{ border_width: NUMBER, border_color: STRING, background_color: STRING, background_alpha: NUMBER },
      ...{ transform_x: NUMBER, transform_y: NUMBER, ...SIZE },
    },
    ['srt_path'],
  ),
  tool('add_effect', { effect_type: STRING, draft_id: STRING, ...SPAN, track_name: STRING, params: ARRAY, ...SIZE }, [
    'effect_type',
  ]),
  tool(
    'add_sticker',
    {
      ...{ resource_id: STRING, ...SPAN, draft_id: STRING, ...PLACE, ...SCALE, alpha: NUMBER, rotation: NUMBER },
      ...{ track_name: STRING, ...SIZE },
    },
    ['resource_id', 'start', 'end'],
  ),
  tool('add_video_keyframe', {
    ...{ draft_id: STRING, track_name: { ...STRING, default: 'main' }, property_type: STRING, time: NUMBER },
    ...{ value: STRING, property_types: ARRAY, times: ARRAY, values: ARRAY },
  }),
  tool('get_video_duration', { video_url: STRING }, ['video_url']),
  tool('save_draft', { draft_id: STRING }),
];
