import type { AspectRatio } from './canvas.ts';

export interface PictureParts {
  /** What this one picture shows. */
  scene: string;
  /** The film's recurring subject; empty when it has none. */
  subject: string;
  /** As the user asked for; null: left to the look. */
  style: string | null;
  look: string;
  aspectRatio: AspectRatio;
  /** In UTF-8. */
  maxBytes: number;
}

/** What the constant parts may take of a prompt, so that the scene itself always has a third and more. */
const SHARE = { subject: 0.22, style: 0.12, look: 0.12 };

// Calm below, because captions stand there.
const COMPOSITION: Record<'zh' | 'en', Record<AspectRatio, string>> = {
  zh: {
    '9:16': '竖幅9:16，主体居中偏上，下方三分之一留白',
    '3:4': '竖幅3:4，主体居中偏上，下方四分之一留白',
    '1:1': '方形1:1，主体居中，下方留白',
    '4:3': '横幅4:3，主体偏向一侧，下方四分之一留白',
    '16:9': '横幅16:9，主体偏向一侧，下方四分之一留白',
  },
  en: {
    '9:16': 'vertical 9:16, subject centred above the middle, lower third kept plain',
    '3:4': 'vertical 3:4, subject centred above the middle, lower quarter kept plain',
    '1:1': 'square 1:1, subject centred, lower edge kept plain',
    '4:3': 'wide 4:3, subject to one side, lower quarter kept plain',
    '16:9': 'wide 16:9, subject to one side, lower quarter kept plain',
  },
};

/**
 * The whole prompt of one picture, put together the same way for every scene: what is seen, who recurs, in which manner,
 * and how it fills the frame. What is too long is cut at its own end, never at the cost of another part.
 */
export function composePicturePrompt({ scene, subject, style, look, aspectRatio, maxBytes }: PictureParts): string {
  const words = /\p{Script=Han}/u.test(scene) ? CHINESE : ENGLISH;
  const manner = [clipped(style ?? '', maxBytes * SHARE.style), clipped(look, maxBytes * SHARE.look)].filter(Boolean);
  const constant = [
    labelled(words, words.subject, clipped(subject, maxBytes * SHARE.subject)),
    labelled(words, words.style, manner.join(words.comma)),
    labelled(words, words.composition, COMPOSITION[words.language][aspectRatio]),
    words.noText,
  ].join('');
  const room = maxBytes - byteLength(constant) - byteLength(words.stop);
  return `${clipped(scene, room)}${words.stop}${constant}`.trim();
}

/** What a composed prompt says that another film's may say too: its scene and its subject, without manner and composition. */
export function sceneAndSubjectOf(prompt: string): { scene: string; subject: string } {
  const until = (text: string, labels: string[]): string => {
    const ends = labels.map((label) => text.indexOf(label)).filter((at) => at >= 0);
    return text.slice(0, Math.min(text.length, ...ends));
  };
  const languages = [CHINESE, ENGLISH];
  const kept = until(
    prompt,
    languages.flatMap(({ style, composition }) => [style, composition]),
  );
  const subjects = languages.map(({ subject }) => subject);
  const scene = until(kept, subjects);
  const subject = subjects.reduce((text, label) => text.replace(label, ''), kept.slice(scene.length));
  return { scene: scene.trim(), subject: subject.trim() };
}

const CHINESE = {
  language: 'zh',
  ...{ subject: '主体：', style: '画面风格：', composition: '构图：', noText: '画面中不要出现文字。' },
  ...{ comma: '，', stop: '。' },
} as const;

const ENGLISH = {
  language: 'en',
  ...{ subject: 'Subject: ', style: 'Style: ', composition: 'Composition: ', noText: 'No lettering in the picture.' },
  ...{ comma: ', ', stop: '. ' },
} as const;

const labelled = (words: typeof CHINESE | typeof ENGLISH, label: string, text: string): string =>
  text === '' ? '' : `${label}${text}${words.stop}`;

/** Without its closing marks, and cut between characters: in English between words. */
function clipped(text: string, maxBytes: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text.trim()) {
    bytes += byteLength(character);
    if (bytes > maxBytes) return unmarked(/\s/.test(kept) ? kept.replace(/\s+\S*$/u, '') : kept);
    kept += character;
  }
  return unmarked(kept);
}

const unmarked = (text: string): string => text.replace(/[\s。．.，,；;、：:]+$/u, '');

/** UTF-8, counted here because workflow code has no Buffer. */
function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
