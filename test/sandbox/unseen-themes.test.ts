import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readBrief } from '../../sandbox/story/brief.ts';
import { writeStory, type Story } from '../../sandbox/story/write-story.ts';
import { languageOf, spokenLength } from '../../src/domain/language.ts';
import { planScript } from '../../src/domain/script-plan.ts';
import { THEMES } from './themes.ts';

const DURATIONS = [5, 10, 15, 30, 60, 180];

/** As the script writer asks: the plan's scenes and length. */
function storyOf(theme: string, durationSeconds: number, seed = 1): Story {
  const language = languageOf(theme);
  const { scenes, narrationLength } = planScript(durationSeconds, language);
  return writeStory(
    seed,
    readBrief(
      [
        `theme: ${theme}`,
        `duration_seconds: ${durationSeconds}`,
        `scenes: ${scenes}`,
        `language: ${language}`,
        `narration_length: ${narrationLength}`,
      ].join('\n'),
    ),
  );
}

const narrationsOf = (story: Story): string[] => story.scenes.map(({ narration }) => narration);
const mentions = (text: string, nouns: readonly string[]) =>
  nouns.some((noun) => text.toLowerCase().includes(noun.toLowerCase()));

describe('a theme that was never seen', () => {
  it('is one of twenty, ten in each language', () => {
    const languages = THEMES.map(({ theme }) => languageOf(theme));
    assert.deepEqual(
      ['zh', 'en'].map((language) => languages.filter((one) => one === language).length),
      [10, 10],
    );
  });

  for (const { theme, nouns } of THEMES) {
    it(`is told in its own words, at any length: ${theme}`, () => {
      const language = languageOf(theme);
      for (const seconds of DURATIONS) {
        const story = storyOf(theme, seconds);
        const lines = narrationsOf(story);
        const plan = planScript(seconds, language);
        const what = `${seconds} s: ${lines.join(' | ')}`;

        assert.equal(lines.length, plan.scenes, what);
        assert.equal(new Set(lines).size, lines.length, `a line comes twice, ${what}`);
        assert.equal(new Set(story.scenes.map(({ imagePrompt }) => imagePrompt)).size, lines.length, what);

        const lengths = lines.map((line) => spokenLength(line, language));
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const planned = plan.narrationLength * plan.scenes;
        assert.ok(
          lengths.every((length) => length > 0),
          what,
        );
        assert.ok(total <= plan.maxTotalLength && total <= planned * 1.35, `${total} for ${planned}, ${what}`);
        assert.ok(total >= planned * 0.6, `${total} for ${planned}, ${what}`);

        const named = lines.filter((line) => mentions(line, nouns)).length;
        assert.ok(named >= lines.length / 2, `${named} of ${lines.length} lines name ${nouns.join(', ')}, ${what}`);
        assert.ok(
          story.scenes.every(({ imagePrompt }) => mentions(imagePrompt, nouns)),
          what,
        );
        assert.ok(mentions(lines[0] ?? '', nouns), `the hook names nothing of it, ${what}`);
        assert.doesNotMatch(lines.join(), /[{}]|undefined|\p{Extended_Pictographic}/u, what);
        assert.ok(
          story.scenes.every(({ onScreenText }) => onScreenText === null || onScreenText.length <= 24),
          what,
        );
      }
    });
  }

  it('has a hook, scenes, a title and a subject of its own', () => {
    for (const seconds of DURATIONS) {
      const stories = THEMES.map(({ theme }) => storyOf(theme, seconds));
      for (const part of [
        (story: Story) => story.scenes[0]?.narration,
        (story: Story) => story.title,
        (story: Story) => story.subject,
        (story: Story) => narrationsOf(story).join(),
      ]) {
        assert.equal(new Set(stories.map(part)).size, THEMES.length, stories.map(part).join(' | '));
      }
    }
  });

  it('is told the same way again, and another way by another seed', () => {
    for (const { theme } of THEMES) assert.deepEqual(storyOf(theme, 30), storyOf(theme, 30));
    const retold = THEMES.filter(
      ({ theme }) => narrationsOf(storyOf(theme, 30)).join() !== narrationsOf(storyOf(theme, 30, 2)).join(),
    );
    assert.equal(retold.length, THEMES.length);
  });
});
