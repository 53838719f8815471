import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planRewrite } from '../../src/domain/rewrite-plan.ts';
import { KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { THEMES } from '../sandbox/themes.ts';
import { newVideoId, specOf, TENANT, useWorkshop } from './workshop.ts';

const VOICES: Record<string, string> = {
  zh: 'zh_male_dongfanghaoran_moon_bigtts',
  en: 'en_male_adam_mars_bigtts',
};

/** With the sandbox: what it writes for a film of a few seconds can also be said in that time. */
describe('a short film', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const workshop = useWorkshop(sandbox);
  // One theme in three: speaking takes longer than the rest of the test.
  const themes = THEMES.filter((_, index) => index % 3 === 0);

  for (const durationSeconds of [5, 10]) {
    it(`of ${durationSeconds} seconds is spoken at a natural tempo`, async () => {
      for (const { theme } of themes) {
        const film = { videoId: newVideoId(), tenant: TENANT };
        const spec = specOf({ theme, durationSeconds });
        const { scenes, language } = await workshop.run(workshop.activities.writeStoryboard, { ...film, spec });
        const spoken = await Promise.all(
          scenes.map(async ({ id, narration }) => {
            const order = { ...film, sceneId: id, text: narration, voice: VOICES[language]!, maxCost: null };
            const { durationMs } = await workshop.run(workshop.activities.synthesizeNarration, order);
            return { sceneId: id, text: narration, durationMs };
          }),
        );
        assert.equal(planRewrite({ durationSeconds, fps: 24, language, scenes: spoken }), null, JSON.stringify(spoken));
      }
    });
  }
});
