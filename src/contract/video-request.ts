import { z } from 'zod';
import { ASPECT_RATIOS, FRAME_RATES, RESOLUTIONS } from '../domain/canvas.ts';
import type { AssetType } from '../domain/video-spec.ts';
import { DEFAULT_VOICE, VOICES } from '../domain/voice.ts';
import { chooseNarrator, isFault } from './narrator.ts';
import { nearest } from './nearest.ts';
import { OwnAsset, OwnScenes, ownSceneFaults } from './own-scene.ts';

/** The wire's words for the asset types: the origin's Chinese, with English aliases. */
export const ASSET_TYPE_WORDS = {
  文生图像: 'text_to_image',
  文生视频: 'text_to_video',
  text_to_image: 'text_to_image',
  text_to_video: 'text_to_video',
} as const satisfies Record<string, AssetType>;
export const AssetTypeWord = z.enum(Object.keys(ASSET_TYPE_WORDS) as [keyof typeof ASSET_TYPE_WORDS], {
  error: 'must be 文生图像 (text_to_image) or 文生视频 (text_to_video)',
});

/** An optional field: left out, or null, it has its default. */
const withDefault = <T extends z.ZodType>(schema: T, fallback: NonNullable<z.output<T>>) =>
  schema
    .nullish()
    .transform((value): z.output<T> => value ?? fallback)
    // JSON Schema of what is transformed loses its default otherwise.
    .meta({ override: { default: fallback } });

const oneOf = (values: readonly (string | number)[]): { error: string } => ({
  error: `must be one of ${values.join(', ')}`,
});
const MAX_THEME_LENGTH = 2000;
const THEME = {
  error: ({ input }: { input?: unknown }) =>
    `${input == null ? 'is required' : 'must be a text'}: one line, 1 to ${MAX_THEME_LENGTH} characters`,
};
const DURATION = { error: 'must be a whole number of seconds from 5 to 180' };
const STYLE = { error: 'must be a text of at most 200 characters' };
const PRIORITY = { error: 'must be a whole number from 1 (first) to 5' };
const SPEND = { error: 'must be a number greater than 0, in CNY' };
const CAPTIONS = ['karaoke', 'line', 'none'] as const;
const FORMATS = ['mp4', 'webm'] as const;
export const VOICE_IDS = VOICES.map((voice) => voice.id) as [string, ...string[]];

const readable = (text: string): boolean => !/[\p{Cs}\u0000-\u0008\u000b\u000c\u000e-\u001f]/u.test(text);
const saysSomething = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

const VideoTheme = z
  .string(THEME)
  .trim()
  .min(1, { error: 'is empty: say in one line what the video is about' })
  .max(MAX_THEME_LENGTH, { error: `is too long: at most ${MAX_THEME_LENGTH} characters` })
  .refine((text) => text === '' || saysSomething(text), {
    error: 'has no letter and no number: say in words what the video is about',
  })
  .refine(readable, { error: 'has control or broken characters: send plain text in UTF-8' })
  .describe('What the video is about, in one line. Blanks around it are dropped.');

const Duration = withDefault(z.int(DURATION).min(5, DURATION).max(180, DURATION), 30).describe(
  'Seconds; the film lasts exactly this.',
);

const VoiceType = z
  .enum(VOICE_IDS, { error: (issue) => unknownVoice(issue.input) })
  .nullish()
  .describe(`Who speaks. Default: a voice that speaks the language, ${DEFAULT_VOICE} for Chinese.`);

const EnableTts = withDefault(z.boolean({ error: 'must be true or false' }), true);

const Language = withDefault(
  z
    .string({ error: 'must be a BCP 47 tag such as zh-CN or en, or auto' })
    .refine((tag) => tag === 'auto' || canonical(tag) !== null, {
      error: 'is not a BCP 47 tag: send one such as zh-CN or en, or auto',
    })
    .transform((tag) => (tag === 'auto' ? tag : (canonical(tag) ?? tag))),
  'auto',
).describe(
  'Language of the narration (BCP 47). A voice_type sent with it must speak it. auto: the language of the theme, or, where voice_type does not speak that, the voice’s own.',
);

const Bgm = withDefault(
  z.string({ error: 'must be auto, none, or the id of an uploaded audio asset' }).regex(/^(auto|none|[0-9a-f]{64})$/, {
    error: 'must be auto, none, or the id (64 hexadecimal digits) of an uploaded audio asset',
  }),
  'auto',
).describe(
  'Background music: auto, none, or the id of an audio asset from POST /api/v1/assets. Always ducked under narration.',
);

const WebhookUrl = z
  .url({ protocol: /^https?$/, error: 'must be an https URL' })
  .max(2000, { error: 'must be an https URL of at most 2000 characters' })
  .nullable()
  .default(null)
  .describe(
    'Where its end is told, signed by the Standard Webhooks scheme: an https URL of a host on the public internet.',
  );

/** The body of POST /api/v1/generate-video. */
export const VideoRequest = z
  .strictObject(
    {
      video_theme: VideoTheme,
      duration: Duration,
      aspect_ratio: withDefault(z.enum(ASPECT_RATIOS, oneOf(ASPECT_RATIOS)), '9:16').describe('Width to height.'),
      resolution: withDefault(z.enum(RESOLUTIONS, oneOf(RESOLUTIONS)), '1080p').describe('Names the short side.'),
      fps: withDefault(z.literal(FRAME_RATES, oneOf(FRAME_RATES)), 30).describe('Frames per second.'),
      format: withDefault(z.enum(FORMATS, oneOf(FORMATS)), 'mp4').describe('Container of the film.'),
      ai_asset_type: withDefault(AssetTypeWord, '文生图像').describe(
        'What the pictures are: 文生图像 (text_to_image), stills, or 文生视频 (text_to_video), clips, with stills where nothing moves. Clips take minutes and cost more.',
      ),
      visual_style: z
        .string(STYLE)
        .trim()
        .max(200, STYLE)
        .refine(readable, STYLE)
        .nullable()
        .default(null)
        .describe('Look of the pictures, in words.'),
      enable_tts: EnableTts.describe('Whether narration is spoken.'),
      voice_type: VoiceType,
      language: Language,
      captions: withDefault(z.enum(CAPTIONS, oneOf(CAPTIONS)), 'karaoke').describe('Captions burnt into the film.'),
      bgm: Bgm,
      scenes: OwnScenes.describe('What you bring for single scenes: words, a picture, a recording.'),
      reference_image: OwnAsset.describe(
        'Id of an uploaded picture, such as of your product, that the pictures take after.',
      ),
      priority: withDefault(z.int(PRIORITY).min(1, PRIORITY).max(5, PRIORITY), 3).describe('1 is served first.'),
      deadline: z.iso
        .datetime({ offset: true, error: 'must be an RFC 3339 time with its offset, such as 2030-01-31T18:00:00Z' })
        .nullable()
        .default(null)
        .describe('By when the film should be there, in the future; the run degrades rather than miss it.'),
      max_cost: z
        .number(SPEND)
        .positive(SPEND)
        .nullable()
        .default(null)
        .describe('CNY: the run stops buying before it would pass this.'),
      webhook_url: WebhookUrl,
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'must be a JSON object' : undefined) },
  )
  // Said together with the faults of other fields.
  .superRefine(
    (request, context) => {
      const chosen = chooseNarrator(NarrationFields.parse(request));
      if (isFault(chosen)) context.addIssue({ code: 'custom', path: [chosen.field], message: chosen.message });
    },
    { when: ({ value }) => NarrationFields.safeParse(value).success },
  )
  .superRefine(
    (request, context) => {
      for (const { path, message } of ownSceneFaults(OwnScenesFields.parse(request)))
        context.addIssue({ code: 'custom', path, message });
    },
    { when: ({ value }) => OwnScenesFields.safeParse(value).success },
  )
  .meta({ id: 'GenerateVideoRequest', example: { video_theme: '介绍我们的新款智能手表', duration: 15 } });
export type VideoRequest = z.infer<typeof VideoRequest>;

const NarrationFields = z.object({
  // A theme that is wrong itself is told so, and settles no language: '' is narratable.
  video_theme: z.string().catch(''),
  voice_type: VoiceType,
  language: Language,
  enable_tts: EnableTts,
});

/** Where these are valid, the scenes can be held against the film. */
const OwnScenesFields = z.object({ duration: Duration, scenes: OwnScenes });

export const VIDEO_REQUEST_FIELDS = Object.keys(VideoRequest.shape);

/** `whereListed`: a reader beside a running gateway is sent there. */
export function unknownVoice(
  input: unknown,
  whereListed = 'All voices are listed under voice_type in /openapi.json and in /docs.',
): string {
  if (typeof input !== 'string') return 'must be the id of a voice, a text';
  const near = nearest(input, VOICE_IDS);
  return `is not a known voice${near === null ? '.' : `; did you mean ${near}?`} ${whereListed}`;
}

function canonical(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}
