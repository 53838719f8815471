/** What a script request asks for, as far as the message says it. */
export interface Brief {
  theme: string;
  durationSeconds: number;
  scenes: number;
  language: 'zh' | 'en';
  /** Characters (Chinese) or words (English) for one scene's narration. */
  narrationLength: number;
  style: string;
  aspectRatio: string;
}

const HAN = /\p{Script=Han}/u;
const SECONDS_PER_SCENE = 5;
const MAX_SCENES = 60;
/** What the sandbox's own voices speak in a second, so that a brief without a length still fits its duration. */
const UNITS_PER_SECOND = { zh: 4, en: 2.4 } as const;

export function readBrief(message: string): Brief {
  const label = labels(message);
  const theme = (label('theme', 'video_theme', '主题') ?? firstLine(message)).slice(0, 2_000);
  const durationSeconds = number(label('duration_seconds', 'duration', '时长')) ?? 30;
  const scenes = number(label('scenes', 'scene_count', '场景数')) ?? Math.round(durationSeconds / SECONDS_PER_SCENE);
  const count = Math.max(1, Math.min(MAX_SCENES, Math.round(scenes)));
  const language = languageOf(label('language', '语言') ?? 'auto', theme);
  const fitting = Math.round((durationSeconds / count) * UNITS_PER_SECOND[language]);
  return {
    theme,
    durationSeconds,
    scenes: count,
    language,
    narrationLength: number(label('narration_length', '旁白长度')) ?? Math.max(4, fitting),
    style: label('style', 'visual_style', '风格') ?? '',
    aspectRatio: label('aspect_ratio', '画面比例') ?? '9:16',
  };
}

function labels(message: string): (...names: string[]) => string | undefined {
  const found = new Map<string, string>();
  for (const line of message.split('\n')) {
    const [, name, value] = /^[\s>*-]*([\p{L}_ ]{1,40}?)\s*[:：=]\s*(\S.*)$/u.exec(line) ?? [];
    if (name && value && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), value.trim());
  }
  return (...names) => names.map((name) => found.get(name)).find((value) => value !== undefined);
}

function firstLine(message: string): string {
  return (
    message
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}

function number(text: string | undefined): number | undefined {
  const value = /\d+(\.\d+)?/.exec(text ?? '')?.[0];
  return value === undefined ? undefined : Number(value);
}

/** The sandbox writes Chinese and English; another language is answered in the theme's script. */
function languageOf(asked: string, theme: string): 'zh' | 'en' {
  if (/^(zh|cmn|yue|中文|chinese)/i.test(asked)) return 'zh';
  if (/^(en|英|english)/i.test(asked)) return 'en';
  return HAN.test(theme) ? 'zh' : 'en';
}
