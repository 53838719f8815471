import type { Config } from '../../config.ts';
import type { Estimate } from '../../domain/estimate.ts';
import { PROMPT_NAMES, type PromptName } from '../../domain/prompt-files.ts';
import { estimateCost } from '../../ledger/estimate.ts';
import { readPrompts } from '../../read-prompts.ts';
import type { AssetStore } from '../../store/asset-store.ts';
import { faultsOfTheMoment } from './faults-of-the-moment.ts';
import { readWish } from './read-wish.ts';
import { refusalOf } from './refusal.ts';

export interface EstimateDeps {
  config: Pick<Config, 'webhooks' | 'ark' | 'prices' | 'storyboard' | 'parallel' | 'configDir'>;
  store: AssetStore;
  clock: () => Date;
}

/** What the wish would cost. It is refused as the start of its video would be; nothing is started, stored or bought. */
export async function estimateVideo(deps: EstimateDeps, body: unknown): Promise<Estimate> {
  const { spec } = await readWish(deps, body);
  const refusal = refusalOf(await faultsOfTheMoment(deps, spec));
  if (refusal !== null) throw refusal;
  const { ark, prices, storyboard, parallel, configDir } = deps.config;
  return estimateCost(spec, {
    prices,
    models: {
      ...{ chat: ark.chatModel, image: ark.imageModel, video: ark.videoModel, videoFamily: ark.videoModelFamily },
      embedding: ark.embedding?.model ?? null,
    },
    critic: storyboard.critic,
    rewriteRejectedPrompts: storyboard.rewrite_rejected_prompts,
    minRealPictures: parallel.sync_points.audio_visual_sync.min_real_pictures,
    promptLength: promptLengths(configDir),
  });
}

/** As the files are now: workers read the same. */
function promptLengths(configDir: string): Record<PromptName, number> {
  const prompts = readPrompts(configDir);
  const lengthOf = (name: PromptName): number =>
    prompts[name].instructions.length + JSON.stringify(prompts[name].schema).length;
  return Object.fromEntries(PROMPT_NAMES.map((name) => [name, lengthOf(name)])) as Record<PromptName, number>;
}
