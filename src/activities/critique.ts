import { z } from 'zod';
import { isWrittenLike } from '../domain/language.ts';
import type { AnswerSchema } from '../domain/prompt-files.ts';
import { oneLine, type Read, readAnswer } from './read-answer.ts';
import { type DraftScene, type DraftTerms, problemsOfDraft, type StoryboardDraft } from './storyboard-draft.ts';

const CritiqueAnswer = z.object({
  corrections: z.array(
    z.object({ scene: z.int().min(1), narration: z.string().nullable(), image_prompt: z.string().nullable() }),
  ),
});

export interface Corrected {
  draft: StoryboardDraft;
  /** How many corrections were taken, and how many were not usable. */
  taken: number;
  refused: number;
}

/** The draft with a critic's corrections, each taken only where the film stays one that can be spoken and shown. */
export function correctDraft(
  content: string,
  { draft, schema, terms }: { draft: StoryboardDraft; schema: AnswerSchema; terms: DraftTerms },
): Read<Corrected> {
  const read = readAnswer(content, { schema, shape: CritiqueAnswer });
  if (!read.ok) return read;
  const result: Corrected = { draft, taken: 0, refused: 0 };
  const seen = new Set<number>();
  for (const { scene, narration, image_prompt } of read.value.corrections) {
    const old = result.draft.scenes[scene - 1];
    const better = old === undefined ? null : correctedScene(old, { narration, picture: image_prompt });
    const candidate = better === null ? null : withScene(result.draft, scene - 1, better);
    if (candidate === null || seen.has(scene) || problemsOfDraft(candidate, terms).length > 0) {
      result.refused++;
      continue;
    }
    seen.add(scene);
    result.draft = candidate;
    result.taken++;
  }
  return { ok: true, value: result };
}

/** Null when nothing is changed, or the words are in another language than those they replace. */
function correctedScene(
  old: DraftScene,
  { narration, picture }: { narration: string | null; picture: string | null },
): DraftScene | null {
  const better = {
    ...old,
    narration: oneLine(narration ?? '') || old.narration,
    picture: oneLine(picture ?? '') || old.picture,
  };
  const isSame = better.narration === old.narration && better.picture === old.picture;
  return isSame || !isWrittenLike(better.narration, old.narration) ? null : better;
}

const withScene = (draft: StoryboardDraft, index: number, scene: DraftScene): StoryboardDraft => ({
  ...draft,
  scenes: draft.scenes.map((old, at) => (at === index ? scene : old)),
});
