import { log } from '@temporalio/activity';
import { z } from 'zod';
import { PermanentError, ProviderError } from '../domain/errors.ts';
import { isWrittenLike } from '../domain/language.ts';
import { STORYBOARD_LIMITS } from '../domain/storyboard.ts';
import { buyText } from './buy-text.ts';
import type { ActivityDeps } from './deps.ts';
import { oneLine, readAnswer } from './read-answer.ts';
import { promptRewriteRequest } from './script-request.ts';

export interface RewritePicturePromptInput {
  videoId: string;
  tenant: string;
  sceneId: string;
  theme: string;
  /** The whole prompt that was refused. */
  prompt: string;
  maxCost: number | null;
}

const PromptAnswer = z.object({ image_prompt: z.string() });

/** The one rewrite of a picture's prompt that was refused for its content. */
export function createPromptRewriteActivities(deps: ActivityDeps) {
  /** Null when there is no usable one: the refusal stands. Only what a retry may mend is thrown, as ProviderError. */
  async function rewritePicturePrompt(input: RewritePicturePromptInput): Promise<string | null> {
    const { videoId, tenant, sceneId, theme, prompt, maxCost } = input;
    const model = deps.models.chat;
    const request = promptRewriteRequest({ model, prompt: deps.prompts.picture_prompt, theme }, { sceneId, prompt });
    try {
      const order = { purpose: 'prompt_rewrite', videoId, tenant, sceneId, maxCost, request } as const;
      const read = readAnswer(await buyText(deps, order), { schema: request.jsonSchema.schema, shape: PromptAnswer });
      const rewritten = read.ok ? oneLine(read.value.image_prompt) : '';
      if (isUsable(rewritten, prompt)) return rewritten;
      log.warn('The rewritten prompt cannot be used', { sceneId });
    } catch (error) {
      // A refused prompt may be refused by the chat model too.
      const isFinal = error instanceof ProviderError && error.details.kind === 'content_rejected';
      if (!isFinal && !(error instanceof PermanentError)) throw error;
      log.warn('There is no rewritten prompt', { sceneId });
    }
    return null;
  }

  return { rewritePicturePrompt };
}

const isUsable = (rewritten: string, refused: string): boolean =>
  rewritten !== '' &&
  rewritten !== oneLine(refused) &&
  Buffer.byteLength(rewritten) <= STORYBOARD_LIMITS.imagePromptBytes &&
  isWrittenLike(rewritten, refused);
