import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LOCAL_EMBEDDER, localEmbedding } from '../../src/domain/local-embedding.ts';
import { composePicturePrompt } from '../../src/domain/picture-prompt.ts';
import { pictureWords, similarity, SIMILAR_ENOUGH } from '../../src/domain/picture-words.ts';
import { HELD_OUT, TUNED, type PromptPairs } from './prompt-pairs.ts';

type Judge = (one: string, other: string) => boolean;

const cosine = (one: string, other: string): number => {
  const [these, those] = [one, other].map((prompt) => localEmbedding(prompt)?.values ?? []) as [number[], number[]];
  return these.reduce((sum, value, at) => sum + value * (those[at] ?? 0), 0);
};
const byDirection: Judge = (one, other) => cosine(one, other) >= LOCAL_EMBEDDER.similarEnough;
const byWords: Judge = (one, other) => similarity(pictureWords(one), pictureWords(other)) >= SIMILAR_ENOUGH;

/** Of all that are alike, the share that is found; and of all that are found, the share that is alike. */
function measure({ alike, different }: PromptPairs, judge: Judge) {
  const found = alike.filter(([one, other]) => judge(one, other)).length;
  const mistaken = different.filter(([one, other]) => judge(one, other)).length;
  return { recall: found / alike.length, precision: found / (found + mistaken) };
}

/** As in two films of one subject, which stands in each of their prompts. */
const SUBJECTS = {
  zh: '戴银色智能手表的年轻女性，黑色短发，白色运动外套',
  en: 'a young woman with a silver watch, short black hair and a white jacket',
};
const composed = (scene: string) =>
  composePicturePrompt({
    ...{ scene, subject: /\p{Script=Han}/u.test(scene) ? SUBJECTS.zh : SUBJECTS.en },
    ...{ style: null, look: 'soft light', aspectRatio: '9:16', maxBytes: 900 },
  });

describe('a direction that is made here', () => {
  it('finds paraphrases that it has not seen, in Chinese and English, and no other pictures', () => {
    const { recall, precision } = measure(HELD_OUT, byDirection);
    assert.ok(recall >= 0.8 && precision >= 0.95, `recall ${recall}, precision ${precision}`);
    const tuned = measure(TUNED, byDirection);
    assert.deepEqual(tuned, { recall: 1, precision: 1 });
  });

  it('finds far more of them than the share of common words does', () => {
    assert.ok(measure(HELD_OUT, byWords).recall < 0.2);
  });

  it('hardly takes two scenes for one because they are of the same subject', () => {
    const { recall, precision } = measure(HELD_OUT, (one, other) => byDirection(composed(one), composed(other)));
    assert.ok(recall >= 0.8 && precision >= 0.9, `recall ${recall}, precision ${precision}`);
  });

  it('does not depend on manner, composition, case or marks, and has length 1', () => {
    const [one, other] = ['9:16', '16:9'].map((aspectRatio, at) =>
      composePicturePrompt({
        ...{ scene: at === 0 ? 'A red kite over dunes' : 'a RED kite, over dunes!', subject: '' },
        ...{ style: at === 0 ? 'ink' : 'photo', look: at === 0 ? 'dark' : 'bright' },
        ...{ aspectRatio: aspectRatio as '9:16' | '16:9', maxBytes: 900 },
      }),
    ) as [string, string];
    assert.deepEqual(localEmbedding(one), localEmbedding(other));
    assert.ok(Math.abs(Math.hypot(...(localEmbedding(one)?.values ?? [])) - 1) < 1e-9);
  });

  it('is none for a prompt that says nothing', () => {
    for (const prompt of ['', '。', '!?', 'the of']) assert.equal(localEmbedding(prompt), null, prompt);
  });
});
