import { Context, log } from '@temporalio/activity';
import { hasTimeFor } from '../domain/deadline.ts';
import { CallDeferred, PermanentError, ProviderError } from '../domain/errors.ts';
import { languageOf } from '../domain/language.ts';
import type { PurchasePurpose } from '../domain/ledger-line.ts';
import { planScript } from '../domain/script-plan.ts';
import type { WrittenStoryboard } from '../domain/storyboard.ts';
import type { VideoSpec } from '../domain/video-spec.ts';
import type { ChatRequest } from '../providers/doubao/interfaces.ts';
import { buyText } from './buy-text.ts';
import { correctDraft } from './critique.ts';
import type { ActivityDeps } from './deps.ts';
import { critiqueRequest, repairRequest, storyboardRequest } from './script-request.ts';
import { type DraftTerms, readDraft, type StoryboardDraft, toStoryboard } from './storyboard-draft.ts';

export interface WriteStoryboardInput {
  videoId: string;
  tenant: string;
  spec: VideoSpec;
}

/** A script by chat with a strict schema: validated, repaired once, then refused for good (`storyboard_invalid`). */
export function createScriptActivities(deps: ActivityDeps) {
  const { storyboard, critique } = deps.prompts;

  async function writeStoryboard(input: WriteStoryboardInput): Promise<WrittenStoryboard> {
    const { spec } = input;
    const language = spec.language === 'auto' ? languageOf(spec.theme) : spec.language;
    const terms: DraftTerms = { language, plan: planScript(spec.durationSeconds, language) };
    const draft = await writeDraft(input, terms);
    const criticLeftOut = deps.critic && !hasTimeFor('critic', spec, Date.now());
    const approved = deps.critic && !criticLeftOut ? await criticised(input, { draft, terms }) : draft;
    return { ...toStoryboard(approved, { spec, language }), ...(criticLeftOut ? { criticLeftOut } : {}) };
  }

  async function writeDraft(input: WriteStoryboardInput, terms: DraftTerms): Promise<StoryboardDraft> {
    const request = storyboardRequest({ model: deps.models.chat, prompt: storyboard, spec: input.spec, terms });
    const first = await buy('script', input, request);
    const checked = readDraft(first, request.jsonSchema.schema, terms);
    if (checked.ok) return checked.value;

    const second = await buy('script_repair', input, repairRequest(request, first, checked.problems));
    const repaired = readDraft(second, request.jsonSchema.schema, terms);
    if (repaired.ok) return repaired.value;
    throw new PermanentError('storyboard_invalid', `the script was invalid twice: ${repaired.problems.join('; ')}`);
  }

  /** A critic can only help: whatever goes wrong with it, the draft stands. */
  async function criticised(
    input: WriteStoryboardInput,
    { draft, terms }: { draft: StoryboardDraft; terms: DraftTerms },
  ): Promise<StoryboardDraft> {
    const request = critiqueRequest({ model: deps.models.chat, prompt: critique, spec: input.spec, terms }, draft);
    try {
      const answer = await buy('script_critique', input, request);
      const corrected = correctDraft(answer, { draft, schema: request.jsonSchema.schema, terms });
      if (!corrected.ok) {
        log.warn('The critique cannot be used', { problems: corrected.problems.length });
        return draft;
      }
      const { taken, refused } = corrected.value;
      log.info('The storyboard was criticised', { taken, refused });
      return corrected.value.draft;
    } catch (error) {
      // Cancelled while it was waited for; and a fault of ours must show.
      const isOfTheCall = [ProviderError, PermanentError, CallDeferred].some((kind) => error instanceof kind);
      if (!isOfTheCall || Context.current().cancellationSignal.aborted) throw error;
      log.warn('There is no critique', { reason: (error as Error).message });
      return draft;
    }
  }

  function buy(purpose: PurchasePurpose, input: WriteStoryboardInput, request: ChatRequest): Promise<string> {
    const { tenant, videoId, spec } = input;
    return buyText(deps, { purpose, tenant, videoId, maxCost: spec.maxCost, request });
  }

  return { writeStoryboard };
}
