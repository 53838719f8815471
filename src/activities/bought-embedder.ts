import { createHash } from 'node:crypto';
import { Context, log } from '@temporalio/activity';
import { CallDeferred, PermanentError, ProviderError } from '../domain/errors.ts';
import { unitDirection, type Described, type Direction, type Embedder } from '../domain/embedder.ts';
import { sceneAndSubjectOf } from '../domain/picture-prompt.ts';
import { embeddingPrice } from '../ledger/prices.ts';
import type { ActivityDeps } from './deps.ts';
import { isWanted } from './is-wanted.ts';

/** What is kept of an answer: numbers of 32 bits, as they are compared, in base64. */
interface KeptVector {
  model: string;
  float32: string;
}

/**
 * The provider's own embeddings, each bought once for its scene. Whoever asks waits for `waitMs` at most: a call that
 * takes longer goes on, and its answer is there for the next who asks. Whatever goes wrong, there is no direction then, and
 * the one that is made here serves. Null where none is configured, or it is not known how much may be spent.
 */
export function boughtEmbedder(
  deps: ActivityDeps,
  { maxCost, waitMs }: { maxCost: number | null | undefined; waitMs: number },
): Embedder | null {
  const { embedding } = deps;
  if (embedding === null || maxCost === undefined) return null;
  return { similarEnough: embedding.similarEnough, embed };

  async function embed(described: Described): Promise<Direction | null> {
    const text = shownBy(described.prompt);
    if (text === '') return null;
    const over = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(waitMs)]);
    try {
      return await before(over, buy(described, { text, signal: over }));
    } catch (error) {
      if (!over.aborted && !isForeseen(error)) throw error;
      const { videoId, sceneId } = described;
      const why = over.aborted ? 'not in time' : error instanceof Error ? error.message : String(error);
      log.warn('An embedding could not be had: the local one serves', { videoId, sceneId, why });
      return null;
    }
  }

  async function buy(
    { tenant, videoId, sceneId }: Described,
    { text, signal }: { text: string; signal: AbortSignal },
  ): Promise<Direction | null> {
    const { model, endpoint } = embedding as NonNullable<ActivityDeps['embedding']>;
    const { answer, purchase } = await deps.desk.buy<KeptVector>({
      key: { tenant, videoId, sceneId, purpose: 'embedding' },
      ...{ provider: 'ark', model, prompt: text },
      // A token is a character or more.
      estimate: embeddingPrice(deps.prices, model, text.length),
      maxCost: maxCost ?? null,
      isWanted: () => isWanted(videoId),
      signal,
      call: async () => {
        const { values, inputTokens, ...told } = await deps.ark.embed({ model, endpoint, text });
        return {
          answer: { model: told.model, float32: packed(values) },
          cost: {
            ...embeddingPrice(deps.prices, model, inputTokens ?? text.length),
            basis: inputTokens === null ? ('estimated' as const) : ('reported' as const),
            model: told.model,
          },
        };
      },
    });
    // Bought for other words that the scene's picture had before: it says nothing of these.
    if (purchase.promptSha256 !== createHash('sha256').update(text).digest('hex')) return null;
    return unitDirection(answer.model, unpacked(answer.float32));
  }
}

/** Manner and composition are compared apart, and would make all prompts alike. */
function shownBy(prompt: string): string {
  const { scene, subject } = sceneAndSubjectOf(prompt);
  return [scene, subject].filter(Boolean).join('\n');
}

const isForeseen = (error: unknown): boolean =>
  [ProviderError, PermanentError, CallDeferred].some((known) => error instanceof known);

async function before<T>(over: AbortSignal, work: Promise<T>): Promise<T> {
  // Its failure, once nobody waits any more, interests nobody.
  work.catch(() => {});
  let onAbort: () => void = () => {};
  const tooLate = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(over.reason as Error);
    if (over.aborted) onAbort();
    else over.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    over.removeEventListener('abort', onAbort);
  }
}

const packed = (values: readonly number[]): string => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString('base64');
};

const unpacked = (base64: string): number[] => {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
};
