import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { PermanentError } from '../domain/errors.ts';
import type { PurchasePurpose } from '../domain/ledger-line.ts';
import type { NarrationAsset } from '../domain/outcome.ts';
import { speechPrice } from '../ledger/prices.ts';
import type { ActivityDeps } from './deps.ts';
import { isWanted } from './is-wanted.ts';
import { patientStorage } from './store-patiently.ts';
import { wavOf } from './wav.ts';

export interface SynthesizeNarrationInput {
  videoId: string;
  tenant: string;
  sceneId: string;
  text: string;
  voice: string;
  maxCost: number | null;
  /** 2 for the recording of a shortened line, which is a purchase of its own; 1 unless said. */
  take?: number;
}

/** There is one rewrite, so there is one second take. */
const PURPOSE_OF_TAKE: Record<number, PurchasePurpose> = { 1: 'narration', 2: 'narration_retake' };

/** One scene's narration, bought once, with its word timings beside it. */
export function createNarrationActivities(deps: ActivityDeps) {
  async function synthesizeNarration(input: SynthesizeNarrationInput): Promise<NarrationAsset> {
    const purpose = PURPOSE_OF_TAKE[input.take ?? 1];
    if (purpose === undefined) throw new PermanentError('too_many_takes', `a scene has no take ${input.take}`);
    const store = patientStorage();
    const { answer } = await deps.desk.buy<NarrationAsset>({
      key: { tenant: input.tenant, videoId: input.videoId, sceneId: input.sceneId, purpose },
      provider: 'speech',
      model: input.voice,
      prompt: input.text,
      estimate: speechPrice(deps.prices, 'default', input.text.length),
      maxCost: input.maxCost,
      isWanted: () => isWanted(input.videoId),
      signal: Context.current().cancellationSignal,
      call: async () => {
        const spoken = await deps.speech.synthesize({ text: input.text, voice: input.voice, requestId: randomUUID() });
        const [audio, words] = await Promise.all([
          store(() => deps.assets.put(wavOf(spoken.pcm, spoken.sampleRate), 'audio/wav')),
          store(() => deps.assets.put(Buffer.from(JSON.stringify(spoken.words)), 'application/json')),
        ]);
        return {
          answer: { audio, durationMs: spoken.durationMs, words, voice: input.voice },
          cost: {
            ...speechPrice(deps.prices, spoken.model, spoken.billedCharacters ?? input.text.length),
            basis: spoken.billedCharacters === null ? ('estimated' as const) : ('reported' as const),
            model: spoken.model,
          },
        };
      },
    });
    return answer;
  }

  return { synthesizeNarration };
}
