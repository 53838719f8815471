import type { Told, ToldScene } from './fill-schema.ts';
import { readBrief } from './brief.ts';
import { shorten } from './shorten.ts';
import { findSubject } from './subject.ts';

/**
 * A chat that is about a storyboard there already: lines to be said shorter, scenes to be read critically, or a picture to
 * be described otherwise. They come as one JSON object a line. Undefined for any other chat.
 */
export function answerAbout(said: string): Told | undefined {
  const objects = jsonLines(said);
  const lines = objects.filter((line) => typeof line.text === 'string' && typeof line.max_length === 'number');
  if (lines.length > 0)
    return told(
      said,
      lines.map((line, index) => shortened(line, index, said)),
    );
  const refused = objects.filter((line) => typeof line.refused_prompt === 'string');
  if (refused.length > 0) return told(said, refused.map(inOtherWords));
  const scenes = objects.filter((line) => typeof line.narration === 'string' && typeof line.image_prompt === 'string');
  return scenes.length > 0 ? told(said, correctionsOf(scenes, said)) : undefined;
}

type JsonLine = Record<string, unknown>;

function jsonLines(said: string): JsonLine[] {
  return said.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as JsonLine];
    } catch {
      return [];
    }
  });
}

function shortened(line: JsonLine, index: number, said: string): ToldScene {
  const text = shorten(String(line.text), Number(line.max_length), readBrief(said).language);
  const id = String(line.scene ?? `s${index + 1}`);
  return { id, number: index + 1, idea: text, narration: text, imagePrompt: null, onScreenText: null };
}

/** The same manner and composition, and of what is shown only the place: its first sentence is another one. */
function inOtherWords(line: JsonLine, index: number): ToldScene {
  const refused = String(line.refused_prompt);
  const isChinese = /\p{Script=Han}/u.test(refused);
  const end = isChinese ? refused.indexOf('。') : refused.search(/\.\s/);
  const rest = end < 0 ? '' : refused.slice(end + 1).trim();
  const imagePrompt = isChinese ? `安静的远景，柔和的光。${rest}` : `A calm, wide view in soft light. ${rest}`;
  const id = String(line.scene ?? `s${index + 1}`);
  return { id, number: index + 1, idea: imagePrompt, narration: null, imagePrompt, onScreenText: null };
}

/** What the sandbox can see: a picture that shows nothing of what the film is about. */
function correctionsOf(scenes: readonly JsonLine[], said: string): ToldScene[] {
  const { theme, language } = readBrief(said);
  const { core, keywords } = findSubject(theme);
  return scenes.flatMap((scene, index) => {
    const picture = String(scene.image_prompt);
    if ([core, ...keywords].some((word) => picture.toLowerCase().includes(word.toLowerCase()))) return [];
    const [imagePrompt, idea] =
      language === 'zh'
        ? [`${core}，${picture}`, `画面里没有${core}`]
        : [`${core}, ${picture}`, `it does not show ${core}`];
    const number = Number(scene.scene ?? index + 1);
    return { id: `s${number}`, number, idea, narration: null, imagePrompt, onScreenText: null };
  });
}

function told(said: string, scenes: readonly ToldScene[]): Told {
  const { theme, language, style, durationSeconds } = readBrief(said);
  const { phrase, keywords } = findSubject(theme || 'the sandbox');
  return { title: phrase, language, style, subject: phrase, look: style, durationSeconds, keywords, scenes };
}
