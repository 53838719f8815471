import { z } from 'zod';
import { countsCharacters, spokenLength } from '../domain/language.ts';
import { composePicturePrompt } from '../domain/picture-prompt.ts';
import type { AnswerSchema } from '../domain/prompt-files.ts';
import type { ScriptPlan } from '../domain/script-plan.ts';
import { SHOTS, Storyboard, STORYBOARD_LIMITS } from '../domain/storyboard.ts';
import type { VideoSpec } from '../domain/video-spec.ts';
import { oneLine, type Read, readAnswer } from './read-answer.ts';

/** A storyboard before its pictures' prompts are composed: the form in which it is checked and corrected. */
export interface StoryboardDraft {
  title: string;
  subject: string;
  look: string;
  scenes: DraftScene[];
}

export interface DraftScene {
  narration: string;
  picture: string;
  onScreenText: string | null;
  /** Only in films of clips. */
  shot?: Shot | undefined;
}

type Shot = (typeof SHOTS)[number];

/** What the plan and the language ask of a draft. */
export interface DraftTerms {
  language: string;
  plan: ScriptPlan;
}

const text = z.string().refine((value) => oneLine(value) !== '', 'it is blank');

/** What is read of an answer; its limits are the schema file's. */
const StoryboardAnswer = z.object({
  title: text,
  subject: text,
  look: text,
  scenes: z.array(
    z.object({
      narration: text,
      image_prompt: text,
      on_screen_text: z.string().nullable(),
      shot: z.enum(SHOTS).optional(),
    }),
  ),
});

/** As a payload, beside the rest of a child's input, a storyboard must stay well under the payload limit. */
export const MAX_STORYBOARD_BYTES = 40 * 1024;
/** Of those, for all that is spoken; ten times what the longest film has time for. */
const MAX_NARRATION_BYTES = 16 * 1024;
/** For the names of a scene's fields and its id. */
const SCENE_BYTES_BESIDES = 60;

/** More than this cannot be read at a glance. */
const MAX_ON_SCREEN = { characters: 16, words: 6 };

export function readDraft(content: string, schema: AnswerSchema, terms: DraftTerms): Read<StoryboardDraft> {
  const read = readAnswer(content, { schema, shape: StoryboardAnswer });
  if (!read.ok) return read;
  const { title, subject, look, scenes } = read.value;
  const draft = {
    ...{ title: oneLine(title), subject: oneLine(subject), look: oneLine(look) },
    scenes: scenes.map((scene) => ({
      narration: oneLine(scene.narration),
      picture: oneLine(scene.image_prompt),
      onScreenText: readableAtAGlance(scene.on_screen_text, terms.language),
      shot: scene.shot,
    })),
  };
  const problems = problemsOfDraft(draft, terms);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: draft };
}

/** Text on screen is an extra: what would not be read, or says nothing, is left out instead of sent back. */
function readableAtAGlance(given: string | null, language: string): string | null {
  const shown = oneLine(given ?? '');
  const length = spokenLength(shown, language);
  const most = countsCharacters(language) ? MAX_ON_SCREEN.characters : MAX_ON_SCREEN.words;
  return length > 0 && length <= most ? shown : null;
}

/** What only the film's plan can tell, empty when the draft can be filmed. */
export function problemsOfDraft({ scenes }: StoryboardDraft, { language, plan }: DraftTerms): string[] {
  const problems: string[] = [];
  if (scenes.length !== plan.scenes) problems.push(`it has ${scenes.length} scenes, not ${plan.scenes}`);
  const silent = scenes.findIndex((scene) => spokenLength(scene.narration, language) === 0);
  if (silent >= 0) problems.push(`scenes.${silent}.narration has nothing to speak`);
  const total = scenes.reduce((length, scene) => length + spokenLength(scene.narration, language), 0);
  if (total > plan.maxTotalLength) {
    problems.push(`its narration is ${total} long in all; at most ${plan.maxTotalLength} can be spoken in time`);
  }
  if (Buffer.byteLength(scenes.map(({ narration }) => narration).join('')) > MAX_NARRATION_BYTES) {
    problems.push('its narration is too long as a whole');
  }
  return problems;
}

/** The storyboard as the workflow gets it: each picture's prompt whole, and all of them together within a payload. */
export function toStoryboard(
  draft: StoryboardDraft,
  { spec, language }: { spec: VideoSpec; language: string },
): Storyboard {
  const { title, subject, look } = draft;
  const besides = draft.scenes.reduce(
    (bytes, { narration, onScreenText }) =>
      bytes + Buffer.byteLength(JSON.stringify([narration, onScreenText])) + SCENE_BYTES_BESIDES,
    Buffer.byteLength(JSON.stringify([title, subject, look])),
  );
  const share = Math.floor((MAX_STORYBOARD_BYTES - besides) / draft.scenes.length);
  return Storyboard.parse({
    ...{ title, language, subject, look },
    scenes: draft.scenes.map(({ narration, picture, onScreenText }, index) => ({
      ...{ id: `s${index + 1}`, narration, onScreenText },
      ...(spec.assetType === 'text_to_video' ? { shot: shotOf(draft, index) } : {}),
      imagePrompt: composePicturePrompt({
        ...{
          scene: picture,
          subject,
          look,
          style: oneLine(spec.visualStyle ?? '') || null,
          aspectRatio: spec.aspectRatio,
        },
        maxBytes: Math.min(STORYBOARD_LIMITS.imagePromptBytes, share),
      }),
    })),
  });
}

/** A scene moves unless it is said that it does not; a film of clips that has none of them opens with one. */
function shotOf({ scenes }: StoryboardDraft, index: number): Shot {
  const moves = scenes.some(({ shot = 'clip' }) => shot === 'clip');
  return !moves && index === 0 ? 'clip' : (scenes[index]?.shot ?? 'clip');
}
